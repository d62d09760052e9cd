package io.monitoringhub.runtime.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.commons.configuration2.tree.ImmutableNode;

/**
 * Settings by section and key, as one finds them in a file: maps, lists and values. Used by one thread at a time.
 *
 * <p>Commons Configuration has no lists of its own: a key that stands several times is one.
 */
final class SettingsTree {

    private final Map<String, Object> root;

    private SettingsTree(Map<String, Object> root) {
        this.root = root;
    }

    /**
     * What a file said.
     *
     * @param values makes of a value in the file the value to use, given its key
     */
    static SettingsTree of(ImmutableNode node, Function<String, UnaryOperator<Object>> values) {
        return new SettingsTree(map(node, "", values));
    }

    private static Map<String, Object> map(ImmutableNode node, String path, Function<String, UnaryOperator<Object>> values) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (ImmutableNode child : node.getChildren()) {
            String name = child.getNodeName();
            String key = path.isEmpty() ? name : path + "." + name;
            Object value = child.getChildren().isEmpty() ? values.apply(key).apply(child.getValue()) : map(child, key, values);
            map.merge(name, value == null ? "" : value, SettingsTree::listOf);
        }
        return map;
    }

    private static Object listOf(Object before, Object next) {
        List<Object> list = new ArrayList<>(before instanceof List<?> several ? several : List.of(before));
        list.add(next);
        return list;
    }

    @SuppressWarnings("unchecked")
    void set(List<String> path, String value) {
        Map<String, Object> map = root;
        for (String name : path.subList(0, path.size() - 1)) {
            Object below = map.computeIfAbsent(name, missing -> new LinkedHashMap<String, Object>());
            if (!(below instanceof Map)) {
                below = new LinkedHashMap<String, Object>();
                map.put(name, below);
            }
            map = (Map<String, Object>) below;
        }
        map.put(path.get(path.size() - 1), value);
    }

    /** The names below a section; none where it is absent. */
    Set<String> children(String section) {
        return section(section).keySet();
    }

    /** A section; empty where it is absent or no map. */
    Map<String, Object> section(String name) {
        return asMap(root.get(name)).orElse(Map.of());
    }

    Optional<Object> value(String name) {
        return Optional.ofNullable(root.get(name));
    }

    Set<String> names() {
        return root.keySet();
    }

    @SuppressWarnings("unchecked")
    static Optional<Map<String, Object>> asMap(Object value) {
        if (value instanceof Map) {
            return Optional.of((Map<String, Object>) value);
        }
        // "tcp: {}" and "tcp:" are an instance with nothing but defaults.
        return value == null || value.toString().isEmpty() ? Optional.of(Map.of()) : Optional.empty();
    }

    static List<Object> asList(Object value) {
        return value instanceof List<?> list ? List.copyOf(list) : value == null || value.toString().isEmpty() ? List.of() : List.of(value);
    }
}
