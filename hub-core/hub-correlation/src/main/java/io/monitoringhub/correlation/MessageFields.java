package io.monitoringhub.correlation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads from a message what correlation needs, stops as soon as it has all, and is used again for the next one. What a message does not
 * say is empty or 0. Names, status and tags that are too long are cut; a message with an id that is too long is none of ours.
 *
 * <p>Used by one thread at a time.
 */
final class MessageFields {

    static final int MAX_ID = 256;
    static final int MAX_NAME = 200;
    static final int MAX_STATUS = 64;
    static final int MAX_TAG_KEY = 64;
    static final int MAX_TAG_VALUE = 256;

    /** Later times are no times: they would only make sums overflow. */
    private static final double LATEST = 1e14;

    private final JsonFactory factory = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();

    private String traceId;
    private String spanId;
    private String parentId;
    private String jobId;
    private String name;
    private String status;
    private long start;
    private long end;
    private double percent;
    private boolean dataRead;
    private boolean isMerged;
    private final Map<String, String> tags = new HashMap<>();

    /**
     * Reads the trace's id of any message.
     *
     * @return whether there is a usable one
     */
    boolean readTraceId(byte[] message, int length) throws IOException {
        clear();
        try (JsonParser json = parserOf(message, length)) {
            for (String field = json.nextFieldName(); field != null && traceId.isEmpty(); field = json.nextFieldName()) {
                json.nextToken();
                envelope(json, field, true);
            }
        }
        return isId(traceId);
    }

    /**
     * Reads a message of type span.
     *
     * @return whether it names a trace and a span
     */
    boolean readSpan(byte[] message, int length) throws IOException {
        clear();
        try (JsonParser json = parserOf(message, length)) {
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                json.nextToken();
                envelope(json, field, false);
                if (dataRead && !traceId.isEmpty() && !spanId.isEmpty() && !parentId.isEmpty()) {
                    break;
                }
            }
        }
        return isId(traceId) && isId(spanId) && parentId.length() <= MAX_ID;
    }

    /**
     * Reads a message of type progress.
     *
     * @param traced whether it names a trace
     * @return whether it names a job
     */
    boolean readProgress(byte[] message, int length, boolean traced) throws IOException {
        clear();
        try (JsonParser json = parserOf(message, length)) {
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                json.nextToken();
                envelope(json, field, false);
                if (dataRead && (!traced || !traceId.isEmpty())) {
                    break;
                }
            }
        }
        return isId(jobId) && traceId.length() <= MAX_ID;
    }

    String traceId() {
        return traceId;
    }

    String spanId() {
        return spanId;
    }

    String parentId() {
        return parentId;
    }

    String jobId() {
        return jobId;
    }

    String name() {
        return name;
    }

    String status() {
        return status;
    }

    /** In Unix milliseconds; 0 when unknown. */
    long start() {
        return start;
    }

    /** In Unix milliseconds; 0 while open. */
    long end() {
        return end;
    }

    double percent() {
        return percent;
    }

    /** Whether the hub made the message of others. */
    boolean isMerged() {
        return isMerged;
    }

    /** Valid until the next message is read. */
    Map<String, String> tags() {
        return tags;
    }

    private void clear() {
        traceId = "";
        spanId = "";
        parentId = "";
        jobId = "";
        name = "";
        status = "";
        start = 0;
        end = 0;
        percent = 0;
        dataRead = false;
        isMerged = false;
        tags.clear();
    }

    private JsonParser parserOf(byte[] message, int length) throws IOException {
        JsonParser json = factory.createParser(message, 0, length);
        json.nextToken();
        return json;
    }

    private void envelope(JsonParser json, String field, boolean onlyTraceId) throws IOException {
        switch (field) {
            case "tid" -> traceId = text(json);
            case "sid" -> spanId = text(json);
            case "pid" -> parentId = text(json);
            case "data" -> {
                if (json.currentToken() == JsonToken.START_OBJECT && !onlyTraceId) {
                    readData(json);
                    dataRead = true;
                } else {
                    json.skipChildren();
                }
            }
            default -> json.skipChildren();
        }
    }

    private void readData(JsonParser json) throws IOException {
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "name" -> name = cut(text(json), MAX_NAME);
                case "status" -> status = cut(text(json), MAX_STATUS);
                case "start" -> start = time(json);
                case "end" -> end = time(json);
                case "job_id" -> jobId = text(json);
                case "percent" -> percent = percent(json);
                case "tags" -> readTags(json);
                case "merged" -> {
                    isMerged = json.currentToken() == JsonToken.VALUE_TRUE;
                    json.skipChildren();
                }
                default -> json.skipChildren();
            }
        }
    }

    private void readTags(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
            json.nextToken();
            String value = text(json);
            if (!value.isEmpty()) {
                tags.put(cut(key, MAX_TAG_KEY), cut(value, MAX_TAG_VALUE));
            }
        }
    }

    /** The text of a string, number or truth value; empty for all else. */
    private static String text(JsonParser json) throws IOException {
        if (json.currentToken().isStructStart()) {
            json.skipChildren();
            return "";
        }
        return json.currentToken() == JsonToken.VALUE_NULL ? "" : json.getText();
    }

    private static long time(JsonParser json) throws IOException {
        double time = number(json);
        return time >= 1 && time <= LATEST ? (long) time : 0;
    }

    private static double percent(JsonParser json) throws IOException {
        double percent = number(json);
        return percent > 0 ? Math.min(100, percent) : 0;
    }

    private static double number(JsonParser json) throws IOException {
        if (json.currentToken().isNumeric()) {
            return json.getDoubleValue();
        }
        json.skipChildren();
        return 0;
    }

    private static boolean isId(String id) {
        return !id.isEmpty() && id.length() <= MAX_ID;
    }

    /** Never between the two halves of a character. */
    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    /** The sender's time as correlation uses it: 0 when it can't be one. */
    static long usable(long time) {
        return time >= 1 && time <= LATEST ? time : 0;
    }
}
