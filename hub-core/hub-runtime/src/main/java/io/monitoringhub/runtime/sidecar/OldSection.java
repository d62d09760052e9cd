package io.monitoringhub.runtime.sidecar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A section of the old file that is being converted: what nobody took in the end is what nobody understood. Used by one thread at a time.
 */
final class OldSection {

    private final String path;
    private final Map<String, OldValue> left;

    OldSection(String path, OldValue value) {
        this.path = path;
        this.left = new LinkedHashMap<>(value.entries().orElse(Map.of()));
    }

    /** Its key in the file, with a dot behind it, or nothing for the whole file. */
    String prefix() {
        return path.isEmpty() ? "" : path + ".";
    }

    /** Takes the first of these keys that is there. */
    Optional<Taken> take(String... names) {
        for (String name : names) {
            OldValue value = left.remove(name);
            if (value != null) {
                return Optional.of(new Taken(prefix() + name, name, value));
            }
        }
        return Optional.empty();
    }

    /** Takes whatever is left. */
    Map<String, OldValue> takeAll() {
        Map<String, OldValue> all = new LinkedHashMap<>(left);
        left.clear();
        return all;
    }

    /** Reports what is left. */
    void reportRest(ConversionReport report) {
        takeAll().forEach((name, value) -> report.leftOut(value.line(), prefix() + name));
    }

    /** A key and its value. */
    record Taken(String key, String name, OldValue value) {
    }
}
