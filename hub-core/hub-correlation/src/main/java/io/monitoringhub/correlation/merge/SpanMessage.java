package io.monitoringhub.correlation.merge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A message of type span, its values kept as they are spelt: what is merged says nothing that was not sent. Immutable.
 *
 * @param time the sender's, as the log's index has it
 * @param trace the trace's id, decoded
 * @param span the span's id, decoded
 * @param spelt what stands in the envelope and in {@code data}, as JSON, by name; an empty or absent text is left out
 * @param tags as JSON, by their names as JSON
 * @param start 0 when it has none
 * @param end 0 while open
 * @param isMerged whether it was merged already
 */
record SpanMessage(long time, String trace, String span, Map<String, String> spelt, Map<String, String> tags, long start, long end,
        boolean isMerged) {

    /** A word that a merged span has in its data, and the others have not. */
    static final String MARK = "merged";

    private static final double LATEST = 1e14;

    /** Says that the span ended, whatever else. */
    boolean isClosing() {
        return end != 0;
    }

    /** Says all that there is to know. */
    boolean isWhole() {
        return end != 0 && start != 0;
    }

    long chars() {
        long chars = trace.length() + span.length();
        for (Map<String, String> texts : new Map[] {spelt, tags}) {
            for (Map.Entry<String, String> text : ((Map<String, String>) texts).entrySet()) {
                chars += text.getKey().length() + text.getValue().length();
            }
        }
        return chars;
    }

    /** Reads messages, one after the other. Used by one thread at a time. */
    static final class Reader {

        /**
         * Without limits of its own: the message has passed those of the hub. Only with its table of names the parser works on bytes, and
         * knows at which of them it is.
         */
        private final JsonFactory factory = JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).maxNameLength(Integer.MAX_VALUE).build())
                .build();
        private byte[] message;
        private Map<String, String> spelt;
        private Map<String, String> tags;
        private String trace;
        private String span;
        private long start;
        private long end;
        private boolean isMerged;

        /**
         * @param time as the log's index has it
         * @throws IOException when it is no span
         */
        SpanMessage read(byte[] bytes, long time) throws IOException {
            message = bytes;
            spelt = new LinkedHashMap<>();
            tags = new LinkedHashMap<>();
            trace = "";
            span = "";
            start = 0;
            end = 0;
            isMerged = false;
            try (JsonParser json = factory.createParser(bytes)) {
                json.nextToken();
                for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                    json.nextToken();
                    envelope(json, field);
                }
            }
            if (trace.isEmpty() || span.isEmpty()) {
                throw new IOException("a span without tid and sid");
            }
            return new SpanMessage(time, trace, span, spelt, tags, start, end, isMerged);
        }

        private void envelope(JsonParser json, String field) throws IOException {
            switch (field) {
                case "tid" -> trace = text(json, field);
                case "sid" -> span = text(json, field);
                case "src", "pid" -> text(json, field);
                case "data" -> {
                    if (json.currentToken() == JsonToken.START_OBJECT) {
                        data(json);
                    } else {
                        json.skipChildren();
                    }
                }
                default -> json.skipChildren();
            }
        }

        private void data(JsonParser json) throws IOException {
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken token = json.nextToken();
                switch (field) {
                    case "name", "status" -> text(json, field);
                    case "start" -> start = time(json, field);
                    case "end" -> end = time(json, field);
                    case MARK -> isMerged = token == JsonToken.VALUE_TRUE;
                    case "tags" -> {
                        if (token == JsonToken.START_OBJECT) {
                            tags(json);
                        }
                    }
                    default -> {
                        // not about the span as such
                    }
                }
                json.skipChildren();
            }
        }

        private void tags(JsonParser json) throws IOException {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = asSpelt(json);
                json.nextToken();
                tags.put(key, asSpelt(json));
            }
        }

        private String text(JsonParser json, String field) throws IOException {
            String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
            if (text.isEmpty()) {
                json.skipChildren();
                spelt.remove(field);
            } else {
                spelt.put(field, asSpelt(json));
            }
            return text;
        }

        private long time(JsonParser json, String field) throws IOException {
            double time = json.currentToken().isNumeric() ? json.getDoubleValue() : 0;
            if (!(time >= 1 && time <= LATEST)) {
                spelt.remove(field);
                return 0;
            }
            spelt.put(field, asSpelt(json));
            return (long) time;
        }

        /** The current token as it stands in the message; the parser is behind it then. */
        private String asSpelt(JsonParser json) throws IOException {
            int from = (int) json.currentTokenLocation().getByteOffset();
            json.skipChildren();
            if (json.currentToken() == JsonToken.FIELD_NAME) {
                // the parser is behind the colon already
                return fieldName(from);
            }
            json.finishToken();
            return new String(message, from, (int) json.currentLocation().getByteOffset() - from, StandardCharsets.UTF_8);
        }

        private String fieldName(int from) {
            int at = from + 1;
            while (message[at] != '"') {
                at += message[at] == '\\' ? 2 : 1;
            }
            return new String(message, from, at + 1 - from, StandardCharsets.UTF_8);
        }
    }
}
