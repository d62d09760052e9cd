package io.monitoringhub.correlation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A map that knows the order in which its values were last touched; looking does not touch. {@link java.util.LinkedHashMap} can neither
 * look without touching nor be walked from its young end.
 *
 * <p>Used by one thread at a time.
 */
final class RecencyMap<V> {

    private static final class Node<V> {
        private final String key;
        private final V value;
        private long touched;
        private Node<V> older;
        private Node<V> younger;

        private Node(String key, V value) {
            this.key = key;
            this.value = value;
        }
    }

    private final Map<String, Node<V>> nodes = new HashMap<>();
    private Node<V> oldest;
    private Node<V> youngest;

    /** The value, or {@code null}. */
    V peek(String key) {
        Node<V> node = nodes.get(key);
        return node == null ? null : node.value;
    }

    /** The value, or {@code null}; it is the youngest now. */
    V touch(String key, long now) {
        Node<V> node = nodes.get(key);
        if (node == null) {
            return null;
        }
        node.touched = now;
        if (node != youngest) {
            unlink(node);
            append(node);
        }
        return node.value;
    }

    /** Adds a value for a key that has none. */
    void add(String key, V value, long now) {
        Node<V> node = new Node<>(key, value);
        node.touched = now;
        nodes.put(key, node);
        append(node);
    }

    /** When the oldest value was touched; {@link Long#MAX_VALUE} when there is none. */
    long oldestTouch() {
        return oldest == null ? Long.MAX_VALUE : oldest.touched;
    }

    /** The value that was touched longest ago, or {@code null}. */
    V peekOldest() {
        return oldest == null ? null : oldest.value;
    }

    V removeOldest() {
        Node<V> node = oldest;
        nodes.remove(node.key);
        unlink(node);
        return node.value;
    }

    int size() {
        return nodes.size();
    }

    /** At most so many values, youngest first. */
    List<V> youngest(int limit) {
        List<V> values = new ArrayList<>(Math.max(0, Math.min(limit, nodes.size())));
        for (Node<V> node = youngest; node != null && values.size() < limit; node = node.older) {
            values.add(node.value);
        }
        return values;
    }

    private void append(Node<V> node) {
        node.older = youngest;
        node.younger = null;
        if (youngest == null) {
            oldest = node;
        } else {
            youngest.younger = node;
        }
        youngest = node;
    }

    private void unlink(Node<V> node) {
        if (node.older == null) {
            oldest = node.younger;
        } else {
            node.older.younger = node.younger;
        }
        if (node.younger == null) {
            youngest = node.older;
        } else {
            node.younger.older = node.older;
        }
    }
}
