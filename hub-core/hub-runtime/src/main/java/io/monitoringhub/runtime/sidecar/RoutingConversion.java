package io.monitoringhub.runtime.sidecar;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Converts {@code routing}: for each source a list of backends, each with a filter. A source that is named there goes nowhere else, so its
 * rules end with one that catches the rest. Used once, by one thread.
 */
final class RoutingConversion {

    private static final String DEFAULT = "default";

    private final ConversionReport report;
    private final NewFile file;
    private final BackendConversion backends;

    /** Where entries go that a filter lets through. */
    private record Target(int line, String backend, int priority, Filter filter) {
    }

    /** Types and level as they are written, each empty for all; and whether the target is on. */
    private record Filter(String types, String level, boolean isOn) {

        boolean isOpen() {
            return types.isEmpty() && level.isEmpty() && isOn;
        }
    }

    RoutingConversion(ConversionReport report, NewFile file, BackendConversion backends) {
        this.report = report;
        this.file = file;
        this.backends = backends;
    }

    void convert(OldSection.Taken routing) {
        Map<String, OldValue> sources = routing.value().entries().orElse(Map.of());
        if (sources.isEmpty()) {
            report.leftOut(routing.value().line(), routing.key());
            return;
        }
        // A name before a pattern that matches it, and what is for everybody else at the end.
        Stream<String> names = sources.keySet().stream().filter(name -> !name.equals(DEFAULT));
        List<String> ordered = names.sorted(Comparator.comparing(name -> name.contains("*") || name.contains("?"))).toList();
        ordered.forEach(source -> source(source, sources.get(source)));
        if (sources.containsKey(DEFAULT)) {
            rules("routing.default", Map.of(DEFAULT, "true"), sources.get(DEFAULT));
        } else {
            report.note(routing.value().line(), "routing has no default: sources that it does not name go nowhere");
        }
    }

    private void source(String source, OldValue value) {
        if (!source.matches("[^\\[\\](){}^$|+\\\\]+")) {
            report.note(value.line(), "routing." + source + ": taken as the source's name; of patterns the hub knows * and ?");
        }
        Map<String, String> keys = Map.of("source", "\"" + source.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        if (!rules("routing." + source, keys, value)) {
            file.rules().add(new NewFile.Rule(keys));
            report.note(value.line(), "routing." + source + ": messages that none of its filters lets through go nowhere, as before");
        }
    }

    /** @return whether the last rule takes all that comes to it */
    private boolean rules(String key, Map<String, String> first, OldValue value) {
        List<Target> targets = new ArrayList<>();
        List<OldValue> items = value.entries().isPresent() ? nested(key, value) : value.list();
        for (int i = 0; i < items.size(); i++) {
            target(key + "[" + i + "]", items.get(i)).ifPresent(targets::add);
        }
        if (targets.stream().map(Target::priority).distinct().count() > 1) {
            report.note(value.line(), key + ": each of its backends gets the entries, whatever its priority, and none waits for another. If"
                    + " one was to stand in for another, write 'mode: failover' and the preferred one first");
        }
        Map<Filter, List<Target>> byFilter = targets.stream().sorted(Comparator.comparing(Target::priority))
                .collect(Collectors.groupingBy(Target::filter, LinkedHashMap::new, Collectors.toList()));
        List<Filter> filters = byFilter.keySet().stream().sorted(Comparator.comparing(Filter::isOpen)).toList();
        for (Filter filter : filters) {
            List<Target> same = byFilter.get(filter);
            Map<String, String> keys = new LinkedHashMap<>(first);
            put(keys, "types", filter.types());
            put(keys, "level", filter.level());
            keys.put("to", same.stream().map(Target::backend).distinct().collect(Collectors.joining(", ", "[", "]")));
            put(keys, "continue", filter.isOpen() ? "" : "true");
            put(keys, "enabled", filter.isOn() ? "" : "false");
            file.rules().add(new NewFile.Rule(keys));
            same.forEach(target -> report.converted(target.line(), key, "routes[" + (file.rules().size() - 1) + "]"));
        }
        return filters.stream().anyMatch(Filter::isOpen);
    }

    private static void put(Map<String, String> keys, String key, String value) {
        if (!value.isEmpty()) {
            keys.put(key, value);
        }
    }

    /** {@code default: { backends: [...] }}, or one target that is no list. */
    private List<OldValue> nested(String key, OldValue value) {
        OldSection section = new OldSection(key, value);
        Optional<OldSection.Taken> list = section.take("backends");
        if (list.isEmpty()) {
            return List.of(value);
        }
        section.reportRest(report);
        return list.get().value().list();
    }

    private Optional<Target> target(String key, OldValue value) {
        OldSection section = new OldSection(key, value);
        String name = value.isSingle() ? value.text() : section.take("backend", "name").map(taken -> taken.value().text()).orElse("");
        Optional<NewFile.Backend> backend = backends.named(name);
        if (backend.isEmpty()) {
            report.noEquivalent(value.line(), key + ".backend", "no backend is called '" + name + "'; the file has " + backends.oldNames());
            return Optional.empty();
        }
        boolean isOn = section.take("enabled").map(enabled -> !enabled.value().isFalse()).orElse(true);
        int priority = section.take("priority").map(taken -> taken.value().text()).filter(text -> text.matches("-?\\d{1,8}"))
                .map(Integer::parseInt).orElse(0);
        Optional<OldSection.Taken> filter = section.take("filter", "filters");
        Optional<Filter> wanted = filter.map(taken -> filter(taken, isOn)).orElse(Optional.of(new Filter("", "", isOn)));
        section.reportRest(report);
        if (!backend.get().isEnabled()) {
            report.note(value.line(), key + ": not written, because backend '" + name + "' is off");
            return Optional.empty();
        }
        return wanted.map(each -> new Target(value.line(), backend.get().name(), priority, each));
    }

    /** Empty if all that it names is unknown: it then let nothing through that the hub knows. */
    private Optional<Filter> filter(OldSection.Taken taken, boolean isOn) {
        OldSection filter = new OldSection(taken.key(), taken.value());
        List<String> types = new ArrayList<>();
        List<OldValue> named = filter.take("types", "type").map(list -> list.value().list()).orElse(List.of());
        for (OldValue type : named) {
            MessageType.of(type.text()).ifPresentOrElse(known -> types.add(known.word()),
                    () -> report.noEquivalent(type.line(), taken.key() + ".types", "there is no message type '" + type.text() + "'"));
        }
        String level = filter.take("level", "min_level").map(each -> level(each)).orElse("");
        filter.takeAll().forEach((name, value) -> report.noEquivalent(value.line(), taken.key() + "." + name,
                "the hub does not know this filter; the route takes more than before. See 'where' for conditions on fields"));
        if (types.isEmpty() && !named.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Filter(types.isEmpty() ? "" : types.stream().sorted().collect(Collectors.joining(", ", "[", "]")), level, isOn));
    }

    private String level(OldSection.Taken taken) {
        Optional<Level> level = Level.of(taken.value().text());
        if (level.isEmpty()) {
            report.noEquivalent(taken.value().line(), taken.key(), "expected debug, info, warn, error or fatal; the route takes all levels");
        } else {
            report.note(taken.value().line(), taken.key() + ": means that level and graver, and events only");
        }
        return level.map(Level::word).orElse("");
    }
}
