package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.runtime.settings.DataSize;
import io.monitoringhub.runtime.settings.Nearest;
import io.monitoringhub.runtime.settings.RecordShape;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.runtime.settings.ShapeCheck;
import io.monitoringhub.runtime.settings.Values;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Validates a tree of settings and fills in the defaults. Collects problems instead of stopping at the first.
 *
 * <p>Used once, by one thread.
 */
final class ConfigurationReader {


    private static final long DEFAULT_SEGMENT_BYTES = 128L << 20;

    private final HubFolders folders;
    private final SettingsTree tree;
    private final HubShape shape;
    private final ShapeCheck check;
    private final List<String> problems;
    private final List<String> warnings;
    private final LaneReader lanes;

    ConfigurationReader(HubFolders folders, SettingsTree tree, PluginTypes types, ShapeCheck check, List<String> problems, List<String> warnings) {
        this.folders = folders;
        this.tree = tree;
        this.shape = new HubShape(types);
        this.check = check;
        this.problems = problems;
        this.warnings = warnings;
        this.lanes = new LaneReader(check, problems);
    }

    HubConfiguration read() {
        knownKeys("", tree.names(), List.copyOf(shape.top().fields().keySet()));
        Map<String, Object> sections = new LinkedHashMap<>(tree.all());
        sections.keySet().retainAll(HubShape.sections().fields().keySet());
        // SecurityReader checks its own: tokens stand in a file of their own, too.
        sections.remove(HubShape.SECURITY);
        check.check("", sections, HubShape.sections());
        HubFile file = RecordShape.of(HubFile.class).read(sections);
        Map<String, InstanceConfiguration> transports = instances(Kind.TRANSPORT, HubShape.TRANSPORTS);
        Map<String, InstanceConfiguration> backends = instances(Kind.BACKEND, HubShape.BACKENDS);
        List<RouteRule> routes = routes(backends);
        LogSettings log = log(file.log());
        return new HubConfiguration(file.name().isBlank() ? "monitoring-hub" : file.name(), log, sessions(file.sessions(), log), transports,
                backends, routes, lanes.lanes(backends.values(), file.failover()),
                new DeadLetterSettings(file.deadLetters().maxSize().bytes(), file.deadLetters().onFull()), file.correlation(), file.stop().drain(),
                plugins(file.plugins()),
                new SecurityReader(folders, transports.keySet(), problems, warnings).read(tree.value(HubShape.SECURITY).orElse(null)), warnings);
    }

    private Map<String, InstanceConfiguration> instances(Kind kind, String section) {
        Map<String, InstanceConfiguration> instances = new LinkedHashMap<>();
        if (Values.asMap(tree.value(section).orElse(null)).isEmpty()) {
            problems.add(section + ": expected one entry a " + kind.word() + ", as in '" + section + ": { name: { type: ... } }'");
            return instances;
        }
        tree.section(section).forEach((name, value) ->
                instance(kind, section + "." + name, name, value).ifPresent(instance -> instances.put(name, instance)));
        return instances;
    }

    private Optional<InstanceConfiguration> instance(Kind kind, String key, String name, Object value) {
        Optional<Map<String, Object>> settings = Values.asMap(value);
        if (settings.isEmpty()) {
            problems.add(key + ": expected settings, as in '" + name + ": { ... }', not '" + value + "'");
            return Optional.empty();
        }
        Map<String, Object> forPlugin = new LinkedHashMap<>(settings.get());
        Object type = forPlugin.remove(HubShape.TYPE);
        if (kind == Kind.BACKEND && forPlugin.containsKey(LaneReader.DELIVERY)) {
            lanes.delivery(key + "." + LaneReader.DELIVERY, name, forPlugin.remove(LaneReader.DELIVERY));
        }
        StartPosition start = kind == Kind.BACKEND ? start(key + ".start", settings.get().get(HubShape.START)) : StartPosition.LATEST;
        if (kind == Kind.BACKEND && forPlugin.remove(HubShape.START) != null) {
            lanes.start(key + ".start", name);
        }
        if (type == null && kind == Kind.BACKEND) {
            problems.add(key + ".type: expected the type of the backend, such as filesystem");
            return Optional.empty();
        }
        try {
            ComponentId id = new ComponentId(kind, type == null ? name : type.toString(), name);
            return Optional.of(new InstanceConfiguration(id, start, properties(key, id, forPlugin)));
        } catch (IllegalArgumentException badName) {
            problems.add(key + ": " + badName.getMessage());
            return Optional.empty();
        }
    }

    /** Checks what is the plugin's, as far as its type is there, and makes properties of it. */
    private Map<String, Object> properties(String key, ComponentId id, Map<String, Object> given) {
        Map<String, Object> settings = Values.flat(given);
        Optional<Shape.Group> known = shape.types().of(id);
        known.ifPresent(plugin -> check.check(key, settings, plugin));
        Map<String, Object> properties = new LinkedHashMap<>();
        settings.forEach((name, value) -> {
            boolean isSecret = known.map(plugin -> plugin.fields().get(name)).map(Shape.Field::secret).orElse(false);
            properties.put(isSecret ? Secrets.property(name) : Secrets.propertyFor(name), plain(value));
        });
        return properties;
    }

    private StartPosition start(String key, Object value) {
        try {
            return value == null ? StartPosition.LATEST : StartPosition.of(value);
        } catch (IllegalArgumentException wrong) {
            problems.add(key + ": " + wrong.getMessage());
            return StartPosition.LATEST;
        }
    }

    /** As ConfigurationAdmin takes it: values and arrays of strings. */
    private static Object plain(Object setting) {
        return setting instanceof List<?> list ? list.stream().map(Object::toString).toArray(String[]::new) : setting;
    }

    private List<RouteRule> routes(Map<String, InstanceConfiguration> backends) {
        if (!tree.names().contains("routes")) {
            return backends.isEmpty() ? List.of() : List.of(RouteReader.everythingTo(backends.keySet()));
        }
        DerivedBackends derived = new DerivedBackends(this, (key, name, settings) -> instance(Kind.BACKEND, key, name, settings),
                tree.section("backends"), backends, problems);
        return new RouteReader(this, lanes, derived, problems).rules(Values.asList(tree.value("routes").orElse(null)));
    }

    private LogSettings log(LogSection log) {
        long maxBytes = log.maxSize().bytes();
        long segmentBytes = log.segmentSize().map(DataSize::bytes)
                .orElseGet(() -> Math.max(1 << 16, Math.min(DEFAULT_SEGMENT_BYTES, maxBytes / 8)));
        Path folder = folders.resolve(log.path());
        try {
            return new LogSettings(folder, log.durability(), segmentBytes, log.retain(), maxBytes, log.onFull());
        } catch (IllegalArgumentException outOfRange) {
            problems.add("log: " + outOfRange.getMessage());
            return new LogSettings(folder, log.durability(), DEFAULT_SEGMENT_BYTES, log.retain(), 10L << 30, log.onFull());
        }
    }

    private IngestSettings sessions(SessionsSection sessions, LogSettings log) {
        IngestSettings standard = IngestSettings.DEFAULT;
        Duration longer = log.retain().compareTo(standard.rememberClients()) > 0 ? log.retain() : standard.rememberClients();
        Duration remember = sessions.remember().orElse(longer);
        if (remember.compareTo(log.retain()) < 0) {
            problems.add("sessions.remember: expected at least log.retain, " + log.retain().toHours() + "h, not '" + remember.toHours()
                    + "h': a client that sends again what the log still holds must be recognised");
        }
        return new IngestSettings(standard.maxMessageBytes(), standard.pauseAboveBytes(), standard.clockTolerance(), sessions.maxClients(), remember);
    }

    private PluginsSection plugins(PluginsSection plugins) {
        Optional<Path> keystore = plugins.keystore().map(folders::resolve);
        if (plugins.verify() != PluginsSection.Verify.OFF && keystore.isEmpty()) {
            problems.add(PluginsSection.VERIFY + ": needs plugins.keystore: a PEM file, or a folder of them, with the certificates of those who"
                    + " may sign plugins");
        }
        if (plugins.verify() != PluginsSection.Verify.OFF && keystore.isPresent() && !Files.isReadable(keystore.get())) {
            problems.add("plugins.keystore: cannot read " + keystore.get() + ": does it exist, and may the hub's user read it? A relative path"
                    + " starts in the data folder");
        }
        return new PluginsSection(plugins.startLimit(), plugins.verify(), keystore);
    }

    void knownKeys(String prefix, Set<String> keys, List<String> known) {
        for (String key : keys) {
            if (!known.contains(key)) {
                problems.add(prefix + key + ": there is no such key" + Nearest.hint(key, known));
            }
        }
    }
}
