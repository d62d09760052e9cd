package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Place;
import io.monitoringhub.runtime.settings.Places;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.runtime.settings.Values;
import io.monitoringhub.spi.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Environment variables as settings: {@code HUB_TRANSPORTS_TCP_PORT} is {@code transports.tcp.port}, {@code HUB_LOG_MAX_SIZE} is
 * {@code log.max_size}. An instance that the file names is recognised even if its name holds {@code _} or {@code -}.
 */
final class EnvironmentOverrides {

    private static final String PREFIX = "HUB_";
    /** Variables with our prefix that are no settings: the launcher's own. */
    private static final Set<String> NOT_SETTINGS = Set.of("HUB_HOME", "HUB_CONF", "HUB_DATA", "HUB_PLUGINS", "HUB_JAVA_OPTS",
            "HUB_START_TIMEOUT", "HUB_READY_FD", "HUB_START_POLICY");

    private final Map<String, String> environment;
    private final HubShape shape;

    EnvironmentOverrides(Map<String, String> environment, HubShape shape) {
        this.environment = new TreeMap<>(environment);
        this.shape = shape;
    }

    /** Sets what the environment says in the tree and notes it as the place; adds a warning for each variable that is no setting. */
    void applyTo(SettingsTree tree, Places places, List<String> warnings) {
        environment.forEach((variable, value) -> {
            if (variable.startsWith(PREFIX) && !NOT_SETTINGS.contains(variable)) {
                Optional<List<String>> key = key(variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT), tree);
                if (key.isPresent()) {
                    tree.set(key.get(), value);
                    note(key.get(), Place.variable(variable), places);
                } else {
                    warnings.add("environment variable " + variable + " is not a setting and is ignored: expected a name such as"
                            + " HUB_TRANSPORTS_TCP_PORT, HUB_BACKENDS_ARCHIVE_PATH or HUB_LOG_RETAIN");
                }
            }
        });
    }

    /** An instance of which only the environment speaks has its place there, too. */
    private static void note(List<String> key, Place place, Places places) {
        places.put(String.join(".", key), place);
        String parent = String.join(".", key.subList(0, key.size() - 1));
        if (key.size() > 2 && places.of(parent).isEmpty()) {
            places.put(parent, place);
        }
    }

    private Optional<List<String>> key(String name, SettingsTree tree) {
        for (Kind kind : List.of(Kind.TRANSPORT, Kind.BACKEND)) {
            String section = kind.word() + "s";
            if (name.startsWith(section + "_")) {
                return instanceKey(section, name.substring(section.length() + 1), tree).map(key -> below(kind, key, tree));
            }
        }
        return key(name, HubShape.sections());
    }

    /** A key of a section, or below it where the section has sections of its own. An unknown one is found wrong later. */
    private static Optional<List<String>> key(String name, Shape.Group group) {
        Optional<String> first = group.fields().keySet().stream().filter(key -> name.equals(plain(key)) || name.startsWith(key + "_"))
                .max(Comparator.comparingInt(String::length));
        if (first.isEmpty()) {
            return Optional.empty();
        }
        String key = first.get();
        Shape shape = group.fields().get(key).shape();
        if (name.equals(plain(key))) {
            return shape instanceof Shape.Leaf ? Optional.of(List.of(key)) : Optional.empty();
        }
        String rest = name.substring(key.length() + 1);
        return shape instanceof Shape.Group below
                ? Optional.of(Stream.concat(Stream.of(key), key(rest, below).orElse(List.of(rest)).stream()).toList()) : Optional.empty();
    }

    private static String plain(String key) {
        return key.replaceAll("[.-]", "_");
    }

    /** What the plugin or the hub calls the key: {@code tls_key} may be {@code tls.key}. */
    private List<String> below(Kind kind, List<String> key, SettingsTree tree) {
        String instance = key.get(1);
        String type = Values.asMap(tree.section(key.get(0)).get(instance)).map(settings -> settings.get(HubShape.TYPE)).map(Values::text)
                .orElse(instance);
        List<String> found = key(key.get(2), shape.instance(kind, type)).orElse(List.of(key.get(2)));
        return Stream.concat(key.subList(0, 2).stream(), found.stream()).toList();
    }

    private static Optional<List<String>> instanceKey(String section, String rest, SettingsTree tree) {
        Optional<String> known = tree.children(section).stream()
                .filter(instance -> rest.startsWith(instance.replace('-', '_') + "_"))
                .max(Comparator.comparingInt(String::length));
        if (known.isPresent()) {
            return Optional.of(List.of(section, known.get(), rest.substring(known.get().length() + 1)));
        }
        int end = rest.indexOf('_');
        return end <= 0 || end == rest.length() - 1 ? Optional.empty()
                : Optional.of(List.of(section, rest.substring(0, end), rest.substring(end + 1)));
    }
}
