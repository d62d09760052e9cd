package io.monitoringhub.plugin.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The fields of one message that are searched for, read in one pass without a tree. Of a name that stands there twice the last counts, as
 * in the protocol.
 *
 * <p>Used by one thread at a time.
 */
final class MessageFields {

    /** Lines are no longer than 64 KiB and no deeper than 64: no value of a valid message passes these. */
    private static final StreamReadConstraints OF_A_LINE = StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(1 << 16)
            .maxNameLength(1 << 16).maxStringLength(1 << 16).build();

    /** The fields of the envelope and of {@code data} that have a place of their own in a document. */
    enum Field {
        TID, SID, PID, MSG, NAME, VALUE, UNIT, JOB_ID, PERCENT, STATUS, CPU, MEM, DISK, NET, START, END;

        private static final Map<String, Field> OF_ENVELOPE = Map.of("tid", TID, "sid", SID, "pid", PID);
        private static final Map<String, Field> OF_DATA = new HashMap<>();

        static {
            for (Field each : values()) {
                if (each.ordinal() > PID.ordinal()) {
                    OF_DATA.put(each.name().toLowerCase(java.util.Locale.ROOT), each);
                }
            }
        }
    }

    /** Names are whatever clients send, so none is kept beyond its message. */
    private final JsonFactory factory = JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).streamReadConstraints(OF_A_LINE).build();
    private final String[] values = new String[Field.values().length];
    private final boolean[] areNumbers = new boolean[values.length];
    private final Labels labels = new Labels();

    /** Reads a message. @throws IOException when it is no JSON object, which the hub would not have taken */
    void read(byte[] message, int length) throws IOException {
        Arrays.fill(values, null);
        labels.clear();
        try (JsonParser parser = factory.createParser(message, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the message is no JSON object");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken token = parser.nextToken();
                if (name.equals("data") && token == JsonToken.START_OBJECT) {
                    readData(parser);
                } else if (!take(Field.OF_ENVELOPE.get(name), parser)) {
                    parser.skipChildren();
                }
            }
        }
    }

    private void readData(JsonParser parser) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            boolean isFlattened = name.equals("ctx") || name.equals("tags");
            if (isFlattened && token == JsonToken.START_OBJECT) {
                flatten("", parser);
            } else if (!take(Field.OF_DATA.get(name), parser) && !name.equals("level")) {
                label(Labels.name("", name), parser);
            }
        }
    }

    /** Keeps the value if it is one; whatever an odd message has in its place is left to the labels or to the original. */
    private boolean take(Field field, JsonParser parser) throws IOException {
        if (field == null || !parser.currentToken().isScalarValue()) {
            return false;
        }
        values[field.ordinal()] = parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getText();
        areNumbers[field.ordinal()] = parser.currentToken().isNumeric();
        return true;
    }

    private void flatten(String path, JsonParser parser) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            label(Labels.name(path, name), parser);
        }
    }

    private void label(String name, JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> flatten(name, parser);
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (parser.currentToken().isScalarValue() && parser.currentToken() != JsonToken.VALUE_NULL) {
                        labels.add(name, parser.getText());
                    } else {
                        parser.skipChildren();
                    }
                }
            }
            case VALUE_NULL -> { }
            default -> labels.put(name, parser.getText());
        }
    }

    /** What the message says, as text; null where it says nothing, or says it is empty. */
    String text(Field field) {
        String value = values[field.ordinal()];
        return value == null || value.isEmpty() ? null : value;
    }

    /** A number that a double can hold; NaN where there is none. */
    double number(Field field) {
        String value = values[field.ordinal()];
        if (value == null || !areNumbers[field.ordinal()]) {
            return Double.NaN;
        }
        double number = Double.parseDouble(value);
        return Double.isInfinite(number) ? Double.NaN : number;
    }

    Labels labels() {
        return labels;
    }
}
