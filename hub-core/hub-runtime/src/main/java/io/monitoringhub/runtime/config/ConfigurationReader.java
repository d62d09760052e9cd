package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Validates a tree of settings and fills in the defaults. Collects problems instead of stopping at the first.
 *
 * <p>Used once, by one thread.
 */
final class ConfigurationReader {

    private static final List<String> SECTIONS = List.of("name", "transports", "backends", "routes", "log", "dead_letters", "sessions",
            "stop", "failover");
    private static final List<String> LOG_KEYS = List.of("path", "durability", "segment_size", "retain", "max_size", "on_full");
    private static final List<String> DEAD_LETTER_KEYS = List.of("max_size", "on_full");
    private static final List<String> SESSION_KEYS = List.of("remember", "max_clients");
    private static final List<String> STOP_KEYS = List.of("drain");
    private static final List<String> ROUTE_KEYS = List.of("source", "types", "level", "to", "mode", "continue");

    private static final long LEAST_DEAD_LETTERS = 1 << 20;
    private static final long DEFAULT_SEGMENT_BYTES = 128L << 20;

    private final HubFolders folders;
    private final SettingsTree tree;
    private final List<String> problems;
    private final List<String> warnings;
    private final LaneReader lanes;

    ConfigurationReader(HubFolders folders, SettingsTree tree, List<String> problems, List<String> warnings) {
        this.folders = folders;
        this.tree = tree;
        this.problems = problems;
        this.warnings = warnings;
        this.lanes = new LaneReader(this, problems);
    }

    HubConfiguration read() {
        knownKeys("", tree.names(), SECTIONS);
        String name = tree.value("name").map(Object::toString).filter(text -> !text.isBlank()).orElse("monitoring-hub");
        Map<String, InstanceConfiguration> transports = instances(Kind.TRANSPORT, "transports");
        if (!tree.names().contains("transports")) {
            ComponentId tcp = new ComponentId(Kind.TRANSPORT, "tcp", "tcp");
            transports.put("tcp", new InstanceConfiguration(tcp, Map.of()));
        }
        Map<String, InstanceConfiguration> backends = instances(Kind.BACKEND, "backends");
        if (!tree.names().contains("backends")) {
            ComponentId archive = new ComponentId(Kind.BACKEND, "filesystem", "archive");
            backends.put("archive", new InstanceConfiguration(archive, Map.of("path", folders.data().resolve("events").toString())));
        }
        Set<String> named = new TreeSet<>(tree.children("backends"));
        named.addAll(backends.keySet());
        List<RouteRule> routes = routes(named);
        LogSettings log = log();
        IngestSettings ingest = sessions(log);
        Duration drain = stop();
        return new HubConfiguration(name, log, ingest, transports, backends, routes,
                lanes.lanes(backends.values(), tree.section("failover")), deadLetters(), drain, warnings);
    }

    private Map<String, InstanceConfiguration> instances(Kind kind, String section) {
        Map<String, InstanceConfiguration> instances = new LinkedHashMap<>();
        if (SettingsTree.asMap(tree.value(section).orElse(null)).isEmpty()) {
            problems.add(section + ": expected one entry a " + kind.word() + ", as in '" + section + ": { name: { type: ... } }'");
            return instances;
        }
        tree.section(section).forEach((name, value) ->
                instance(kind, section + "." + name, name, value).ifPresent(instance -> instances.put(name, instance)));
        return instances;
    }

    private Optional<InstanceConfiguration> instance(Kind kind, String key, String name, Object value) {
        Optional<Map<String, Object>> settings = SettingsTree.asMap(value);
        if (settings.isEmpty()) {
            problems.add(key + ": expected settings, as in '" + name + ": { ... }', not '" + value + "'");
            return Optional.empty();
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        Map<String, Object> forPlugin = new LinkedHashMap<>(settings.get());
        if (kind == Kind.BACKEND && forPlugin.containsKey(LaneReader.DELIVERY)) {
            lanes.delivery(key + "." + LaneReader.DELIVERY, name, forPlugin.remove(LaneReader.DELIVERY));
        }
        forPlugin.forEach((property, setting) -> put(properties, property, setting));
        Object type = properties.remove("type");
        StartPosition start = kind == Kind.BACKEND ? start(key + ".start", settings.get().get("start")) : StartPosition.LATEST;
        if (kind == Kind.BACKEND) {
            properties.remove("start");
        }
        if (type == null && kind == Kind.BACKEND) {
            problems.add(key + ".type: expected the type of the backend, such as filesystem");
            return Optional.empty();
        }
        try {
            return Optional.of(new InstanceConfiguration(new ComponentId(kind, type == null ? name : type.toString(), name), start, properties));
        } catch (IllegalArgumentException badName) {
            problems.add(key + ": " + badName.getMessage());
            return Optional.empty();
        }
    }

    private StartPosition start(String key, Object value) {
        try {
            return value == null ? StartPosition.LATEST : StartPosition.of(value);
        } catch (IllegalArgumentException wrong) {
            problems.add(key + ": " + wrong.getMessage());
            return StartPosition.LATEST;
        }
    }

    /** Keys below keys are one with dots for the plugin: {@code tls: { key: ... }} is {@code tls.key}. */
    private static void put(Map<String, Object> properties, String property, Object setting) {
        if (setting instanceof Map<?, ?> below) {
            below.forEach((name, each) -> put(properties, property + "." + name, each));
        } else {
            properties.put(Secrets.propertyFor(property), plain(setting));
        }
    }

    /** As ConfigurationAdmin takes it: values and arrays of strings. */
    private static Object plain(Object setting) {
        return setting instanceof List<?> list ? list.stream().map(Object::toString).toArray(String[]::new) : setting;
    }

    private List<RouteRule> routes(Set<String> backends) {
        List<RouteRule> routes = new ArrayList<>();
        if (!tree.names().contains("routes")) {
            if (!backends.isEmpty()) {
                routes.add(new RouteRule("*", Set.of(), Optional.empty(), List.copyOf(backends), false));
            }
            return routes;
        }
        List<Object> rules = SettingsTree.asList(tree.value("routes").orElse(null));
        for (int i = 0; i < rules.size(); i++) {
            route("routes[" + i + "]", rules.get(i), backends).ifPresent(routes::add);
        }
        return routes;
    }

    private Optional<RouteRule> route(String key, Object value, Set<String> backends) {
        Optional<Map<String, Object>> settings = SettingsTree.asMap(value).filter(map -> !map.isEmpty());
        if (settings.isEmpty()) {
            problems.add(key + ": expected a rule, as in '{ source: \"*\", to: [archive] }', not '" + value + "'");
            return Optional.empty();
        }
        Map<String, Object> rule = settings.get();
        knownKeys(key + ".", rule.keySet(), ROUTE_KEYS);
        String source = String.valueOf(rule.getOrDefault("source", ""));
        if (source.isEmpty()) {
            problems.add(key + ".source: expected a source, a glob such as 'queue-*', or '*' for all");
            return Optional.empty();
        }
        List<String> to = SettingsTree.asList(rule.get("to")).stream().map(Object::toString).toList();
        for (String lane : to) {
            if (!backends.contains(lane)) {
                problems.add(key + ".to: there is no backend '" + lane + "'" + Nearest.hint(lane, backends));
            }
        }
        return Optional.of(new RouteRule(source, types(key, rule.get("types")), level(key, rule.get("level")),
                lanes.targets(key, to, rule.get("mode")),
                flag(key + ".continue", rule.get("continue"))));
    }

    private Set<MessageType> types(String key, Object value) {
        Set<MessageType> types = EnumSet.noneOf(MessageType.class);
        for (Object word : SettingsTree.asList(value)) {
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

    private boolean flag(String key, Object value) {
        if (value != null && !value.toString().equals("true") && !value.toString().equals("false")) {
            problems.add(key + ": expected true or false, not '" + value + "'");
        }
        return value != null && value.toString().equals("true");
    }

    private LogSettings log() {
        Map<String, Object> log = tree.section("log");
        knownKeys("log.", log.keySet(), LOG_KEYS);
        Path folder = Optional.ofNullable(log.get("path")).map(path -> folders.resolve(Path.of(path.toString())))
                .orElse(folders.data().resolve("log"));
        LogSettings.Durability durability = choice("log.durability", log.get("durability"), LogSettings.Durability.SYNC);
        LogSettings.OnFull onFull = choice("log.on_full", log.get("on_full"), LogSettings.OnFull.BLOCK);
        long segmentBytes = bytes("log.segment_size", log.get("segment_size"), DEFAULT_SEGMENT_BYTES);
        Duration retain = duration("log.retain", log.get("retain"), Duration.ofHours(24));
        long maxBytes = bytes("log.max_size", log.get("max_size"), 10L << 30);
        if (log.get("segment_size") == null) {
            segmentBytes = Math.max(1 << 16, Math.min(segmentBytes, maxBytes / 8));
        }
        try {
            return new LogSettings(folder, durability, segmentBytes, retain, maxBytes, onFull);
        } catch (IllegalArgumentException outOfRange) {
            problems.add("log: " + outOfRange.getMessage());
            return new LogSettings(folder, durability, DEFAULT_SEGMENT_BYTES, Duration.ofHours(24), 10L << 30, onFull);
        }
    }

    private IngestSettings sessions(LogSettings log) {
        Map<String, Object> sessions = tree.section("sessions");
        knownKeys("sessions.", sessions.keySet(), SESSION_KEYS);
        IngestSettings standard = IngestSettings.DEFAULT;
        Duration longer = log.retain().compareTo(standard.rememberClients()) > 0 ? log.retain() : standard.rememberClients();
        Duration remember = duration("sessions.remember", sessions.get("remember"), longer);
        if (remember.compareTo(log.retain()) < 0) {
            problems.add("sessions.remember: expected at least log.retain, " + log.retain().toHours() + "h, not '" + sessions.get("remember")
                    + "': a client that sends again what the log still holds must be recognised");
        }
        int maxClients = standard.maxClients();
        Object most = sessions.get("max_clients");
        if (most != null) {
            if (most.toString().matches("[1-9]\\d{0,7}")) {
                maxClients = Integer.parseInt(most.toString());
            } else {
                problems.add("sessions.max_clients: expected 1 to 99999999, not '" + most + "'");
            }
        }
        return new IngestSettings(standard.maxMessageBytes(), standard.pauseAboveBytes(), standard.clockTolerance(), maxClients, remember);
    }

    private DeadLetterSettings deadLetters() {
        Map<String, Object> letters = tree.section("dead_letters");
        knownKeys("dead_letters.", letters.keySet(), DEAD_LETTER_KEYS);
        DeadLetterSettings standard = DeadLetterSettings.DEFAULT;
        long maxBytes = bytes("dead_letters.max_size", letters.get("max_size"), standard.maxBytes());
        if (maxBytes < LEAST_DEAD_LETTERS) {
            problems.add("dead_letters.max_size: expected at least 1MB, room for some of the largest messages, not '" + letters.get("max_size") + "'");
            maxBytes = LEAST_DEAD_LETTERS;
        }
        return new DeadLetterSettings(maxBytes, choice("dead_letters.on_full", letters.get("on_full"), standard.onFull()));
    }

    private Duration stop() {
        Map<String, Object> stop = tree.section("stop");
        knownKeys("stop.", stop.keySet(), STOP_KEYS);
        return duration("stop.drain", stop.get("drain"), Duration.ofSeconds(10));
    }

    private <E extends Enum<E>> E choice(String key, Object value, E standard) {
        if (value == null) {
            return standard;
        }
        for (E constant : standard.getDeclaringClass().getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(value.toString())) {
                return constant;
            }
        }
        List<String> words = Arrays.stream(standard.getDeclaringClass().getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT)).toList();
        problems.add(key + ": expected one of " + String.join(", ", words) + ", not '" + value + "'");
        return standard;
    }

    long bytes(String key, Object value, long standard) {
        try {
            return value == null ? standard : Quantities.bytes(value.toString());
        } catch (IllegalArgumentException wrong) {
            problems.add(key + ": " + wrong.getMessage());
            return standard;
        }
    }

    Duration duration(String key, Object value, Duration standard) {
        try {
            return value == null ? standard : Quantities.duration(value.toString());
        } catch (IllegalArgumentException wrong) {
            problems.add(key + ": " + wrong.getMessage());
            return standard;
        }
    }

    void knownKeys(String prefix, Set<String> keys, List<String> known) {
        for (String key : keys) {
            if (!known.contains(key)) {
                problems.add(prefix + key + ": there is no such key" + Nearest.hint(key, known));
            }
        }
    }
}
