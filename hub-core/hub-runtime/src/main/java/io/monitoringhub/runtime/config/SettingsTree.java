package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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

    static SettingsTree empty() {
        return new SettingsTree(new LinkedHashMap<>());
    }

    /** What a file said. */
    static SettingsTree of(ImmutableNode node) {
        return new SettingsTree(map(node));
    }

    private static Map<String, Object> map(ImmutableNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (ImmutableNode child : node.getChildren()) {
            Object value = child.getChildren().isEmpty() ? child.getValue() : map(child);
            map.merge(child.getNodeName(), value == null ? "" : value, SettingsTree::listOf);
        }
        return map;
    }

    /** The same with other values, made of a key and its value. */
    SettingsTree map(BiFunction<String, Object, Object> values) {
        return new SettingsTree(map(root, "", values));
    }

    private static Map<String, Object> map(Map<String, Object> map, String path, BiFunction<String, Object, Object> values) {
        Map<String, Object> mapped = new LinkedHashMap<>();
        map.forEach((name, value) -> mapped.put(name, mapped(path.isEmpty() ? name : path + "." + name, value, values)));
        return mapped;
    }

    private static Object mapped(String key, Object value, BiFunction<String, Object, Object> values) {
        if (value instanceof List<?> list) {
            return IntStream.range(0, list.size()).mapToObj(i -> mapped(key + "[" + i + "]", list.get(i), values)).toList();
        }
        return value instanceof Map ? map(Values.asMap(value).orElseThrow(), key, values) : values.apply(key, value);
    }

    private static Object listOf(Object before, Object next) {
        List<Object> list = new ArrayList<>(before instanceof List<?> several ? several : List.of(before));
        list.add(next);
        return list;
    }

    /**
     * Takes over what another file said. Sections are put together; a list named {@code rows} at the top is made longer.
     *
     * @param twice is told the key of a value that both have
     */
    void add(SettingsTree other, String rows, Consumer<String> twice) {
        other.root.forEach((name, value) -> {
            if (name.equals(rows) && root.containsKey(name)) {
                List<Object> all = new ArrayList<>(Values.asList(root.get(name)));
                all.addAll(Values.asList(value));
                root.put(name, all);
            } else {
                add(root, name, value, name, twice);
            }
        });
    }

    private static void add(Map<String, Object> map, String name, Object value, String key, Consumer<String> twice) {
        Object before = map.get(name);
        boolean areSections = before != null && (before instanceof Map || value instanceof Map) && Values.asMap(before).isPresent()
                && Values.asMap(value).isPresent();
        if (before == null) {
            map.put(name, value);
        } else if (areSections) {
            Map<String, Object> both = new LinkedHashMap<>(Values.asMap(before).orElseThrow());
            Values.asMap(value).orElseThrow().forEach((each, below) -> add(both, each, below, key + "." + each, twice));
            map.put(name, both);
        } else {
            twice.accept(key);
        }
    }

    @SuppressWarnings("unchecked")
    void set(List<String> path, Object value) {
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

    /** Everything. */
    Map<String, Object> all() {
        return Collections.unmodifiableMap(root);
    }

    /** The names below a section; none where it is absent. */
    Set<String> children(String section) {
        return section(section).keySet();
    }

    /** A section; empty where it is absent or no map. */
    Map<String, Object> section(String name) {
        return Values.asMap(root.get(name)).orElse(Map.of());
    }

    Optional<Object> value(String name) {
        return Optional.ofNullable(root.get(name));
    }

    Set<String> names() {
        return root.keySet();
    }
}
