package io.monitoringhub.plugin.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server says to a bulk request: how many items, and those that failed; or to any other, why it failed.
 *
 * <p>Immutable.
 *
 * @param items how many items the answer has
 * @param failures those whose status is not of the 200s
 * @param error what is wrong with the request as a whole: empty type and reason if nothing is
 */
record BulkAnswer(int items, List<Failure> failures, Failure error) {

    /** The parts of the answer that are read here: asked for by this, it is a small fraction of its size. */
    static final String FILTER = "errors,error,status,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";

    private static final JsonFactory JSON = new JsonFactory();
    private static final int SHOWN = 300;

    /**
     * Why something was not done.
     *
     * @param index which item
     * @param status as of HTTP
     * @param type the server's name of the exception
     * @param reason its words, cut
     */
    record Failure(int index, int status, String type, String reason) {

        @Override
        public String toString() {
            return status + (type.isEmpty() ? "" : " " + type) + (reason.isEmpty() ? "" : ": " + reason);
        }
    }

    /** Reads the answer to a bulk request. @throws IOException when it is none */
    static BulkAnswer read(byte[] json) throws IOException {
        List<Failure> failures = new ArrayList<>();
        Failure error = new Failure(0, 0, "", "");
        int items = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object of JSON");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken token = parser.nextToken();
                if (name.equals("items") && token == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        Failure item = item(items++, parser);
                        if (item.status < 200 || item.status > 299) {
                            failures.add(item);
                        }
                    }
                } else if (name.equals("error")) {
                    error = error(0, 0, parser);
                } else {
                    parser.skipChildren();
                }
            }
        }
        return new BulkAnswer(items, failures, error);
    }

    /** Why a request failed, from a body of any form. */
    static Failure error(int status, byte[] body) {
        try {
            Failure error = read(body).error;
            if (!error.type.isEmpty() || !error.reason.isEmpty()) {
                return new Failure(0, status, error.type, error.reason);
            }
        } catch (IOException e) {
            // A proxy's page, say: its words have to do.
        }
        String text = new String(body, 0, Math.min(body.length, SHOWN), StandardCharsets.UTF_8).replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return new Failure(0, status, "", text);
    }

    /** {@code {"create":{"status":201}}}. */
    private static Failure item(int index, JsonParser parser) throws IOException {
        Failure item = new Failure(index, 0, "", "");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("an item without an object");
            }
            int status = 0;
            Failure error = item;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals("status")) {
                    status = parser.getIntValue();
                } else if (name.equals("error")) {
                    error = error(index, 0, parser);
                } else {
                    parser.skipChildren();
                }
            }
            item = new Failure(index, status, error.type, error.reason);
        }
        return item;
    }

    /** An object with type and reason, or just text. */
    private static Failure error(int index, int status, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            String text = parser.currentToken().isScalarValue() ? cut(parser.getText()) : "";
            parser.skipChildren();
            return new Failure(index, status, "", text);
        }
        String type = "";
        String reason = "";
        String cause = "";
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            if (name.equals("type") && token.isScalarValue()) {
                type = cut(parser.getText());
            } else if (name.equals("reason") && token.isScalarValue()) {
                reason = cut(parser.getText());
            } else if (name.equals("caused_by") && token == JsonToken.START_OBJECT) {
                cause = error(index, status, parser).reason;
            } else {
                parser.skipChildren();
            }
        }
        return new Failure(index, status, type, cause.isEmpty() || reason.contains(cause) ? reason : reason + " (" + cause + ")");
    }

    private static String cut(String text) {
        String line = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return line.replaceAll("[\\s\\p{Cntrl}]+", " ");
    }
}
