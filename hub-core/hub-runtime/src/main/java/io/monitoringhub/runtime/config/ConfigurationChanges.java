package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.config.Effective.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * In what two configurations differ, in words without secrets. Immutable.
 *
 * @param lines one a key that differs
 * @param sentence what was touched, on one line; empty where nothing was
 */
public record ConfigurationChanges(List<String> lines, String sentence) {

    public ConfigurationChanges {
        lines = List.copyOf(lines);
    }

    /** Tells whether both say the same. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** From one that is in use to one that is wanted. */
    public static ConfigurationChanges between(Effective before, Effective after) {
        Set<String> keys = new LinkedHashSet<>(before.values().keySet());
        keys.addAll(after.values().keySet());
        List<String> lines = new ArrayList<>();
        Map<String, Set<String>> changed = new LinkedHashMap<>();
        Set<String> restart = new TreeSet<>();
        for (String key : keys) {
            Value old = before.values().get(key);
            Value now = after.values().get(key);
            if (isSame(old, now)) {
                continue;
            }
            boolean waits = now != null ? now.restart() : old.restart();
            lines.add(line(key, old, now) + (waits ? "   (with the next start)" : ""));
            if (waits) {
                restart.add(key);
            } else {
                changed.computeIfAbsent(group(key), any -> new TreeSet<>()).add(key.substring(group(key).length()).replaceFirst("^\\.", ""));
            }
        }
        List<String> words = new ArrayList<>();
        changed.forEach((group, below) -> words.add(words(group, below, before, after)));
        if (!restart.isEmpty()) {
            words.add("with the next start only: " + String.join(", ", restart));
        }
        return new ConfigurationChanges(lines, String.join("; ", words));
    }

    /** That a plugin came and its defaults are known now is no change. */
    private static boolean isSame(Value old, Value now) {
        if (old == null || now == null) {
            return (old == null ? now : old).isDefault() && !(old == null ? now : old).isInstance();
        }
        return old.real().equals(now.real());
    }

    private static String line(String key, Value old, Value now) {
        if (old == null) {
            return "+ " + key + ": " + now + "   (" + now.place() + ")";
        }
        if (now == null) {
            return "- " + key + ": " + old;
        }
        return "~ " + key + ": " + old + " -> " + now + "   (" + now.place() + ")";
    }

    /** The instance, or the section. */
    private static String group(String key) {
        String[] parts = key.split("\\.", 3);
        boolean isInstance = (parts[0].equals(HubShape.TRANSPORTS) || parts[0].equals(HubShape.BACKENDS)) && parts.length == 3;
        return isInstance ? parts[0] + "." + parts[1] : parts[0].replaceFirst("\\[.*", "");
    }

    private static String words(String group, Set<String> below, Effective before, Effective after) {
        if (!group.contains(".")) {
            return group.equals(HubShape.ROUTES) ? "routes changed" : below.stream().filter(key -> !key.isEmpty()).map(key -> group + "." + key)
                    .collect(Collectors.collectingAndThen(Collectors.joining(", "), keys -> (keys.isEmpty() ? group : keys) + " changed"));
        }
        String type = group + "." + HubShape.TYPE;
        if (!before.values().containsKey(type)) {
            return group + " added";
        }
        return after.values().containsKey(type) ? group + " changed (" + String.join(", ", below) + ")" : group + " removed";
    }
}
