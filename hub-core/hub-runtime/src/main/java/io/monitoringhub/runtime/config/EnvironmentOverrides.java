package io.monitoringhub.runtime.config;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Environment variables as settings: {@code HUB_TRANSPORTS_TCP_PORT} is {@code transports.tcp.port}, {@code HUB_LOG_MAX_SIZE} is
 * {@code log.max_size}. An instance that the file names is recognised even if its name holds {@code _} or {@code -}.
 */
final class EnvironmentOverrides {

    private static final String PREFIX = "HUB_";
    /** Variables with our prefix that are no settings: the launcher's own. */
    private static final Set<String> NOT_SETTINGS = Set.of("HUB_HOME", "HUB_CONF", "HUB_DATA", "HUB_PLUGINS", "HUB_JAVA_OPTS",
            "HUB_START_TIMEOUT");

    private final Map<String, String> environment;

    EnvironmentOverrides(Map<String, String> environment) {
        this.environment = new TreeMap<>(environment);
    }

    /** Sets what the environment says in the tree; adds a warning for each variable that is no setting. */
    void applyTo(SettingsTree tree, List<String> warnings) {
        environment.forEach((variable, value) -> {
            if (variable.startsWith(PREFIX) && !NOT_SETTINGS.contains(variable)) {
                Optional<List<String>> key = key(variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT), tree);
                if (key.isPresent()) {
                    tree.set(key.get(), value);
                } else {
                    warnings.add("environment variable " + variable + " is not a setting and is ignored: expected a name such as"
                            + " HUB_TRANSPORTS_TCP_PORT, HUB_BACKENDS_ARCHIVE_PATH or HUB_LOG_RETAIN");
                }
            }
        });
    }

    private static Optional<List<String>> key(String name, SettingsTree tree) {
        if (name.equals("name")) {
            return Optional.of(List.of("name"));
        }
        for (String section : List.of("log", "dead_letters", "sessions", "stop", "failover", "security")) {
            if (name.startsWith(section + "_")) {
                return Optional.of(List.of(section, name.substring(section.length() + 1)));
            }
        }
        for (String section : List.of("transports", "backends")) {
            if (name.startsWith(section + "_")) {
                return instanceKey(section, name.substring(section.length() + 1), tree);
            }
        }
        return Optional.empty();
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
