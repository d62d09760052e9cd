package io.monitoringhub.runtime.settings;

import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in a file: maps, lists and values. Nothing at all, as in {@code tcp:}, is an empty one of whatever was expected. */
public final class Values {

    private Values() {
    }

    /** Settings by key; nothing where it is no map. */
    @SuppressWarnings("unchecked")
    public static Optional<Map<String, Object>> asMap(Object value) {
        if (value instanceof Map) {
            return Optional.of((Map<String, Object>) value);
        }
        return isNothing(value) ? Optional.of(Map.of()) : Optional.empty();
    }

    /** A single value is a list of one. */
    public static List<Object> asList(Object value) {
        return value instanceof List<?> list ? List.copyOf(list) : isNothing(value) ? List.of() : List.of(value);
    }

    /** As a person would write it. YAML makes a date of what looks like one. */
    public static String text(Object value) {
        return value == null ? "" : value instanceof Date date ? date.toInstant().toString() : value.toString();
    }

    /** Without sections within: {@code tls: { key: x }} is {@code tls.key: x}. */
    public static Map<String, Object> flat(Map<String, Object> settings) {
        Map<String, Object> flat = new LinkedHashMap<>();
        settings.forEach((name, value) -> {
            if (value instanceof Map) {
                flat(asMap(value).orElseThrow()).forEach((below, each) -> flat.put(name + "." + below, each));
            } else {
                flat.put(name, value);
            }
        });
        return flat;
    }

    private static boolean isNothing(Object value) {
        return value == null || value.toString().isEmpty();
    }
}
