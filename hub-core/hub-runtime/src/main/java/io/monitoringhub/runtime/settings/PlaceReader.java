package io.monitoringhub.runtime.settings;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads only where things stand in a YAML or JSON file, and what is wrong with it as such: syntax, a key that is set twice, a key that
 * YAML does not take for text.
 *
 * <p>Used once, by one thread.
 */
public final class PlaceReader {

    private final String file;
    private final List<String> problems;
    private final Places places = new Places();
    /** What an alias names stands at one place only; that one is noted, and a loop ends. */
    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * @param file its name, as people call it
     * @param problems takes one line a problem, with its place in front
     */
    public PlaceReader(String file, List<String> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Reads all places. */
    public Places read(String text) {
        try {
            if (file.endsWith(".json")) {
                json(text);
            } else {
                yaml(text);
            }
        } catch (JsonProcessingException malformed) {
            problems.add(place(malformed.getLocation()) + ": this is no JSON: " + malformed.getOriginalMessage());
        } catch (MarkedYAMLException malformed) {
            Mark mark = malformed.getProblemMark();
            problems.add((mark == null ? file : place(mark)) + ": this is no YAML: " + malformed.getProblem()
                    + (malformed.getContext() == null ? "" : " (" + malformed.getContext() + context(malformed.getContextMark()) + ")"));
        } catch (YAMLException | IOException malformed) {
            problems.add(file + ": cannot be read: " + malformed.getMessage());
        }
        return places;
    }

    private static String context(Mark mark) {
        return mark == null ? "" : " that begins in line " + (mark.getLine() + 1);
    }

    private void yaml(String text) {
        Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
        if (root != null && !(root instanceof MappingNode) && !root.getTag().equals(Tag.NULL)) {
            noKeys(place(root.getStartMark()));
        } else if (root != null) {
            node("", root);
        }
    }

    private void noKeys(Place where) {
        problems.add(where + ": expected keys such as 'backends:' and 'routes:' at the top");
    }

    private void node(String key, Node node) {
        if (node instanceof MappingNode map && seen.add(node)) {
            map.getValue().forEach(tuple -> tuple(key, tuple));
        } else if (node instanceof SequenceNode list && seen.add(node)) {
            for (int i = 0; i < list.getValue().size(); i++) {
                Node item = list.getValue().get(i);
                places.put(key + "[" + i + "]", place(item.getStartMark()));
                node(key + "[" + i + "]", item);
            }
        }
    }

    private void tuple(String parent, NodeTuple tuple) {
        Node name = tuple.getKeyNode();
        Place place = place(name.getStartMark());
        if (name.getTag().equals(Tag.MERGE)) {
            return;
        }
        if (!(name instanceof ScalarNode scalar) || !name.getTag().equals(Tag.STR)) {
            problems.add(place + ": YAML does not take this key for text: put quotes around it");
            return;
        }
        String key = parent.isEmpty() ? scalar.getValue() : parent + "." + scalar.getValue();
        note(key, place);
        if (tuple.getValueNode() instanceof SequenceNode list && list.getValue().isEmpty()) {
            places.emptyList(key);
        }
        node(key, tuple.getValueNode());
    }

    private void note(String key, Place place) {
        places.of(key).ifPresent(before -> problems.add(place + ": " + key + ": is set twice, here and at " + before));
        places.put(key, place);
    }

    private void json(String text) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first != null && first != JsonToken.START_OBJECT) {
                noKeys(place(parser.currentTokenLocation()));
            }
            value("", parser);
            if (parser.nextToken() != null) {
                problems.add(place(parser.currentTokenLocation()) + ": nothing was expected behind the last brace");
            }
        }
    }

    private void value(String key, JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = key.isEmpty() ? parser.currentName() : key + "." + parser.currentName();
                note(name, place(parser.currentTokenLocation()));
                parser.nextToken();
                value(name, parser);
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            int i = 0;
            for (; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                places.put(key + "[" + i + "]", place(parser.currentTokenLocation()));
                value(key + "[" + i + "]", parser);
            }
            if (i == 0) {
                places.emptyList(key);
            }
        }
    }

    private Place place(Mark mark) {
        return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Place place(JsonLocation location) {
        return location == null ? new Place(file, 0, 0) : new Place(file, location.getLineNr(), location.getColumnNr());
    }
}
