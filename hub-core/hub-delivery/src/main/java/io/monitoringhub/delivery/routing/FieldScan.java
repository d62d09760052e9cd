package io.monitoringhub.delivery.routing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Picks the fields that rules ask for out of a message, in one pass. Whatever nobody asks for is skipped.
 *
 * <p>Used by one thread at a time.
 */
final class FieldScan {

    /** How many different fields all rules together may ask for: a bit of a number stands for each. */
    static final int MOST_PATHS = 64;

    /** Without a table of names, which messages could fill, and without limits of its own: the message has passed those of the hub. */
    private final JsonFactory factory = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE).maxStringLength(Integer.MAX_VALUE).build())
            .build();

    private final List<String> paths;
    private final FieldValues[] values;
    private byte[] bytes = new byte[1024];

    FieldScan(List<String> paths) {
        if (paths.size() > MOST_PATHS) {
            throw new IllegalArgumentException("routes ask for " + paths.size() + " different fields: " + MOST_PATHS + " at most");
        }
        this.paths = List.copyOf(paths);
        values = new FieldValues[paths.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = new FieldValues();
        }
    }

    /**
     * Reads a message; what was read before is gone.
     *
     * @throws IOException when it is no JSON object
     */
    void read(ByteBuffer message) throws IOException {
        int length = message.remaining();
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, bytes.length * 2)];
        }
        message.get(message.position(), bytes, 0, length);
        for (FieldValues one : values) {
            one.clear();
        }
        try (JsonParser json = factory.createParser(bytes, 0, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("expected a JSON object, not " + json.currentToken());
            }
            object(json, 0, values.length == Long.SIZE ? -1L : (1L << values.length) - 1);
        }
    }

    /** What the message read last holds there. */
    FieldValues of(String path) {
        return values[paths.indexOf(path)];
    }

    /**
     * Reads an object to its end.
     *
     * @param from how much of each path the names around the object have used up
     * @param alive the paths that lead here, one bit each
     */
    private void object(JsonParser json, int from, long alive) throws IOException {
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            JsonToken token = json.nextToken();
            long here = 0;
            long below = 0;
            for (long left = alive; left != 0; left &= left - 1) {
                int number = Long.numberOfTrailingZeros(left);
                String path = paths.get(number);
                int end = from + name.length();
                if (path.startsWith(name, from)) {
                    if (end == path.length()) {
                        here |= 1L << number;
                    } else if (path.charAt(end) == '.') {
                        below |= 1L << number;
                    }
                }
            }
            value(json, token, here);
            if (token == JsonToken.START_OBJECT && below != 0) {
                object(json, from + name.length() + 1, below);
            } else if (token.isStructStart() && json.currentToken() == token) {
                json.skipChildren();
            }
        }
    }

    private void value(JsonParser json, JsonToken token, long here) throws IOException {
        if (here == 0 || token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token.isScalarValue()) {
            add(here, json.getText(), token.isNumeric());
            return;
        }
        for (long left = here; left != 0; left &= left - 1) {
            values[Long.numberOfTrailingZeros(left)].seen();
        }
        if (token == JsonToken.START_ARRAY) {
            for (JsonToken element = json.nextToken(); element != JsonToken.END_ARRAY; element = json.nextToken()) {
                if (element.isStructStart()) {
                    json.skipChildren();
                } else if (element != JsonToken.VALUE_NULL) {
                    add(here, json.getText(), element.isNumeric());
                }
            }
        }
    }

    private void add(long here, String text, boolean isNumber) {
        for (long left = here; left != 0; left &= left - 1) {
            values[Long.numberOfTrailingZeros(left)].add(text, isNumber);
        }
    }
}
