package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.routing.FieldCondition;
import io.monitoringhub.delivery.routing.FieldPattern;
import io.monitoringhub.delivery.routing.RouteMatch;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.runtime.settings.Nearest;
import io.monitoringhub.runtime.settings.RecordShape;
import io.monitoringhub.runtime.settings.Values;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the rules of {@code routes}. Collects problems.
 *
 * <p>Used once, by one thread.
 */
final class RouteReader {

    private static final List<String> KEYS = List.copyOf(RecordShape.of(RouteKeys.class).shape().fields().keySet());
    private static final List<String> TESTS = List.of("is", "not", "matches", "not_matches", "exists");
    private static final List<String> ENVELOPE = List.of("v", "src", "ts", "type", "tid", "sid", "pid", "data");
    private static final int MOST_CONDITIONS = 32;

    private final ConfigurationReader reader;
    private final LaneReader lanes;
    private final DerivedBackends backends;
    private final List<String> problems;

    RouteReader(ConfigurationReader reader, LaneReader lanes, DerivedBackends backends, List<String> problems) {
        this.reader = reader;
        this.lanes = lanes;
        this.backends = backends;
        this.problems = problems;
    }

    /** The rules, in the order of the file. */
    List<RouteRule> rules(List<Object> values) {
        List<RouteRule> rules = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            rule("routes[" + i + "]", values.get(i)).ifPresent(rules::add);
        }
        backends.finish();
        try {
            RouteTable.of(rules);
        } catch (IllegalArgumentException tooMany) {
            problems.add("routes: " + tooMany.getMessage());
        }
        return rules;
    }

    /** The rule that stands for a file without any. */
    static RouteRule everythingTo(Collection<String> backends) {
        return RouteRule.to("*", backends.toArray(String[]::new));
    }

    private Optional<RouteRule> rule(String key, Object value) {
        Optional<Map<String, Object>> settings = Values.asMap(value).filter(map -> !map.isEmpty());
        if (settings.isEmpty()) {
            problems.add(key + ": expected a rule, as in '{ source: \"*\", to: [archive] }', not '" + value + "'");
            return Optional.empty();
        }
        Map<String, Object> rule = settings.get();
        reader.knownKeys(key + ".", rule.keySet(), KEYS);
        boolean isDefault = flag(key + ".default", rule.get("default"), false);
        String source = String.valueOf(rule.getOrDefault("source", isDefault ? "*" : ""));
        if (source.isEmpty()) {
            problems.add(key + ".source: expected a source, a glob such as 'queue-*', or '*' for all");
            return Optional.empty();
        }
        List<String> to = new ArrayList<>();
        List<Object> targets = Values.asList(rule.get("to"));
        for (int i = 0; i < targets.size(); i++) {
            to.add(backends.target(key + ".to", key + ".to[" + i + "]", targets.get(i)));
        }
        RouteMatch match = new RouteMatch(source, types(key, rule.get("types")), level(key, rule.get("level")),
                where(key + ".where", rule.get("where")));
        return Optional.of(new RouteRule(key, match, lanes.targets(key, to, rule.get("mode")),
                flag(key + ".continue", rule.get("continue"), false), new RouteRule.Place(priority(key + ".priority", rule.get("priority")),
                isDefault, flag(key + ".enabled", rule.get("enabled"), true))));
    }

    private Set<MessageType> types(String key, Object value) {
        Set<MessageType> types = EnumSet.noneOf(MessageType.class);
        for (Object word : Values.asList(value)) {
            MessageType.of(word.toString()).ifPresentOrElse(types::add, () -> problems.add(key + ".types: expected some of event, metric,"
                    + " progress, resource, span, heartbeat, goodbye, not '" + word + "'"));
        }
        return types;
    }

    private Optional<Level> level(String key, Object value) {
        if (value == null) {
            return Optional.empty();
        }
        Optional<Level> level = Level.of(value.toString());
        if (level.isEmpty()) {
            problems.add(key + ".level: expected the least level: debug, info, warn, error or fatal, not '" + value + "'");
        }
        return level;
    }

    private List<FieldCondition> where(String key, Object value) {
        Optional<Map<String, Object>> fields = Values.asMap(value);
        if (fields.isEmpty() || value != null && fields.get().isEmpty() || fields.get().size() > MOST_CONDITIONS) {
            problems.add(key + ": expected 1 to " + MOST_CONDITIONS + " fields and their values, as in '{ data.level: error,"
                    + " data.ctx.job_id: { matches: \"^nightly-\" } }', not '" + value + "'");
            return List.of();
        }
        List<FieldCondition> conditions = new ArrayList<>();
        fields.get().forEach((path, test) -> condition(key + "." + path, path, test).ifPresent(conditions::add));
        return conditions;
    }

    private Optional<FieldCondition> condition(String key, String path, Object test) {
        Map<String, Object> tests = test instanceof Map ? Values.asMap(test).orElseThrow() : Map.of("is", test);
        int before = problems.size();
        for (String name : tests.keySet()) {
            if (!TESTS.contains(name)) {
                problems.add(key + "." + name + ": there is no such test" + Nearest.hint(name, TESTS) + ". A field within a field is written"
                        + " with dots: '" + path + "." + name + "'");
            }
        }
        if (problems.size() > before) {
            return Optional.empty();
        }
        misspelt(key, path);
        Map<String, List<String>> values = new LinkedHashMap<>();
        tests.forEach((name, wanted) -> values.put(name, values(key, name, wanted)));
        if (problems.size() > before) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FieldCondition(path, values.getOrDefault("is", List.of()), values.getOrDefault("not", List.of()),
                    pattern(tests.get("matches")), pattern(tests.get("not_matches")),
                    Optional.ofNullable(tests.get("exists")).map(wanted -> flag(key + ".exists", wanted, true))));
        } catch (IllegalArgumentException wrong) {
            problems.add(key + ": " + wrong.getMessage());
            return Optional.empty();
        }
    }

    /** A message may have fields that the protocol does not know: only names that stand for others elsewhere are taken for errors. */
    private void misspelt(String key, String path) {
        String first = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
        if (first.equals("source") || first.equals("trace_id") || first.equals("level") || first.equals("ctx")) {
            String meant = Map.of("source", "src", "trace_id", "tid", "level", "data.level", "ctx", "data." + path).get(first);
            problems.add(key + ": messages have no field '" + first + "'. Did you mean '" + meant + "'? Fields: " + String.join(", ", ENVELOPE)
                    + ", and those below data, as in data.ctx.job_id");
        }
    }

    private List<String> values(String key, String name, Object wanted) {
        List<String> values = Values.asList(wanted).stream().map(Object::toString).toList();
        boolean isPattern = name.equals("matches") || name.equals("not_matches");
        if (values.isEmpty() || isPattern && values.size() > 1 || wanted instanceof Map) {
            problems.add(key + "." + name + ": expected " + (isPattern ? "a regular expression" : "a value, or several as in [a, b]")
                    + ", not '" + wanted + "'" + (name.equals("is") ? ". For a field that is absent write { exists: false }" : ""));
        }
        return values;
    }

    private static Optional<FieldPattern> pattern(Object expression) {
        return Optional.ofNullable(expression).map(Object::toString).map(FieldPattern::of);
    }

    private int priority(String key, Object value) {
        if (value == null) {
            return 0;
        }
        if (!value.toString().matches("-?\\d{1,4}")) {
            problems.add(key + ": expected -9999 to 9999; the highest is asked first, and 0 is what a rule without one has, not '" + value + "'");
            return 0;
        }
        return Integer.parseInt(value.toString());
    }

    private boolean flag(String key, Object value, boolean standard) {
        if (value == null) {
            return standard;
        }
        if (!value.toString().equals("true") && !value.toString().equals("false")) {
            problems.add(key + ": expected true or false, not '" + value + "'");
        }
        return value.toString().equals("true");
    }
}
