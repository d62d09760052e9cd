package io.monitoringhub.correlation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the trace's id in a message without reading the message: what makes counting of events and metrics cheap.
 *
 * <p>It walks over the bytes of the outermost object. Entries were validated before they were appended, so this only has to tell strings,
 * nesting and the rest apart. Where that is not enough, because a key or the id itself holds an escape, the message is read properly.
 * Neighbours often belong to one trace; for them no text is made again.
 *
 * <p>Used by one thread at a time.
 */
final class TraceIds {

    private static final int NOT_FOUND = -1;
    private static final int UNSURE = -2;

    private final MessageFields fields;
    private byte[] lastBytes = new byte[0];
    private String lastId = "";

    /** @param fields reads what is too odd for the short way */
    TraceIds(MessageFields fields) {
        this.fields = fields;
    }

    /** The trace's id; empty when there is no usable one. */
    String of(byte[] message, int length) throws IOException {
        int start = startOfId(message, length);
        if (start >= 0) {
            int end = endOfString(message, start, length);
            if (end >= 0) {
                return text(message, start, end);
            }
        } else if (start == NOT_FOUND) {
            return "";
        }
        return fields.readTraceId(message, length) ? fields.traceId() : "";
    }

    private String text(byte[] message, int start, int end) {
        if (!Arrays.equals(message, start, end, lastBytes, 0, lastBytes.length)) {
            String id = new String(message, start, end - start, StandardCharsets.UTF_8);
            if (id.length() > MessageFields.MAX_ID) {
                return "";
            }
            lastId = id;
            lastBytes = Arrays.copyOfRange(message, start, end);
        }
        return lastId;
    }

    /** Where the text of the outermost object's {@code tid} begins, if it is a string. */
    private static int startOfId(byte[] message, int length) {
        int at = behindSpace(message, 0, length) + 1;
        while (at >= 0) {
            int key = behindSpace(message, at, length);
            if (key >= length || message[key] != '"') {
                return key < length && message[key] == '}' ? NOT_FOUND : UNSURE;
            }
            int keyEnd = endOfString(message, key + 1, length);
            int colon = keyEnd < 0 ? length : behindSpace(message, keyEnd + 1, length);
            int value = behindSpace(message, colon + 1, length);
            if (value >= length) {
                return UNSURE;
            }
            if (keyEnd - key == 4 && message[key + 1] == 't' && message[key + 2] == 'i' && message[key + 3] == 'd') {
                return message[value] == '"' ? value + 1 : UNSURE;
            }
            at = behindValue(message, value, length);
        }
        return UNSURE;
    }

    /** Behind a value and the comma after it; at the closing brace when it is the last. */
    private static int behindValue(byte[] message, int from, int length) {
        int depth = 0;
        int at = from;
        while (at < length) {
            byte here = message[at];
            if (here == '"') {
                at = behindString(message, at + 1, length);
                if (at < 0) {
                    return UNSURE;
                }
                continue;
            }
            if (here == '{' || here == '[') {
                depth++;
            } else if (here == '}' || here == ']') {
                if (depth-- == 0) {
                    return at;
                }
            } else if (here == ',' && depth == 0) {
                return at + 1;
            }
            at++;
        }
        return UNSURE;
    }

    /** The position of the closing quote of a string without escapes; {@link #UNSURE} when it has one or does not end. */
    private static int endOfString(byte[] message, int from, int length) {
        for (int i = from; i < length; i++) {
            byte here = message[i];
            if (here == '"') {
                return i;
            }
            if (here == '\\') {
                return UNSURE;
            }
        }
        return UNSURE;
    }

    /** The position behind the closing quote of any string; {@link #UNSURE} when it does not end. */
    private static int behindString(byte[] message, int from, int length) {
        for (int i = from; i < length; i++) {
            byte here = message[i];
            if (here == '"') {
                return i + 1;
            }
            if (here == '\\') {
                i++;
            }
        }
        return UNSURE;
    }

    private static int behindSpace(byte[] message, int from, int length) {
        int at = from;
        while (at < length && (message[at] == ' ' || message[at] == '\t' || message[at] == '\r' || message[at] == '\n')) {
            at++;
        }
        return at;
    }
}
