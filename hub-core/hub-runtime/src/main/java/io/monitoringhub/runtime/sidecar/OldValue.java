package io.monitoringhub.runtime.sidecar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of the old file, and the line that it or its key stands in. Immutable.
 *
 * @param line counted from 1
 * @param entries if it is a section
 * @param items if it is a list
 * @param text if it is a single value; empty for null
 * @param isText whether the single value is a string, as opposed to a number or a truth value
 */
record OldValue(int line, Optional<Map<String, OldValue>> entries, Optional<List<OldValue>> items, String text, boolean isText) {

    private static final int MOST_DEPTH = 16;

    /** @throws YAMLException when it is nested deeper than any real file, as one with a circle is */
    static OldValue of(Node node) {
        return of(node, node.getStartMark(), 0);
    }

    private static OldValue of(Node node, Mark mark, int depth) {
        int line = mark == null ? 0 : mark.getLine() + 1;
        if (depth > MOST_DEPTH) {
            throw new YAMLException("line " + line + " is nested more than " + MOST_DEPTH + " deep");
        }
        if (node instanceof MappingNode mapping) {
            Map<String, OldValue> entries = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                Node key = tuple.getKeyNode();
                if (!(key instanceof ScalarNode name)) {
                    throw new YAMLException("line " + (key.getStartMark().getLine() + 1) + " has a key that is no text");
                }
                OldValue before = entries.put(name.getValue(), of(tuple.getValueNode(), name.getStartMark(), depth + 1));
                if (before != null) {
                    throw new YAMLException("line " + (name.getStartMark().getLine() + 1) + " has the key '" + name.getValue()
                            + "' once more, which stands in line " + before.line() + " already");
                }
            }
            return new OldValue(line, Optional.of(entries), Optional.empty(), "", false);
        }
        if (node instanceof SequenceNode sequence) {
            List<OldValue> items = new ArrayList<>();
            sequence.getValue().forEach(item -> items.add(of(item, item.getStartMark(), depth + 1)));
            return new OldValue(line, Optional.empty(), Optional.of(items), "", false);
        }
        ScalarNode scalar = (ScalarNode) node;
        boolean isNull = scalar.getTag().equals(Tag.NULL);
        boolean isText = !isNull && !List.of(Tag.INT, Tag.FLOAT, Tag.BOOL).contains(scalar.getTag());
        return new OldValue(line, Optional.empty(), Optional.empty(), isNull ? "" : scalar.getValue(), isText);
    }

    boolean isSingle() {
        return entries.isEmpty() && items.isEmpty();
    }

    /** The items of a list; a single value is a list of one, and null of none. */
    List<OldValue> list() {
        return items.orElseGet(() -> isSingle() && text.isEmpty() ? List.of() : List.of(this));
    }

    boolean isFalse() {
        return List.of("false", "no", "off", "0").contains(text.toLowerCase(Locale.ROOT));
    }

    /** As it is written in the new file. */
    String yaml() {
        if (items.isPresent()) {
            return items.get().stream().map(OldValue::yaml).collect(Collectors.joining(", ", "[", "]"));
        }
        return isText || text.isEmpty() ? quoted(text) : text;
    }

    /** A string that no reader takes for anything else. */
    static String quoted(String text) {
        if (text.matches("[A-Za-z_][A-Za-z0-9_./-]*") && !text.matches("(?i)y|n|yes|no|on|off|true|false|null")) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
