package io.monitoringhub.sdk;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes Java values as JSON in UTF-8. Whatever comes in, valid JSON comes out: halves of surrogate pairs become U+FFFD, NaN and infinity text, cycles and
 * what is nested too deep a remark. Code of the application that runs in here (toString, iterators) may throw: its value is then a remark too.
 * Used by one thread at a time.
 */
final class LineWriter {

    private static final int MAX_DEPTH = 8;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[512];
    private int length;
    private int maxChars;
    private int maxNodes;
    private int nodes;
    private boolean shortened;
    private final Object[] path = new Object[MAX_DEPTH];
    private int depth;

    /** A writer that cuts texts behind so many characters, and drops what goes beyond so many values. */
    LineWriter(int maxChars, int maxNodes) {
        this.maxChars = maxChars;
        this.maxNodes = maxNodes;
    }

    /** Begins again with tighter limits. */
    void restart(int chars, int values) {
        length = 0;
        nodes = 0;
        depth = 0;
        maxChars = chars;
        maxNodes = values;
        shortened = true;
    }

    boolean isShortened() {
        return shortened;
    }

    int length() {
        return length;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** JSON that is ready as it is. */
    LineWriter raw(byte[] json) {
        room(json.length);
        System.arraycopy(json, 0, bytes, length, json.length);
        length += json.length;
        return this;
    }

    /** ASCII that is ready as it is. */
    @SuppressWarnings("deprecation") // The one way to copy ASCII without looking at each character twice.
    LineWriter raw(String ascii) {
        int count = ascii.length();
        room(count);
        ascii.getBytes(0, count, bytes, length);
        length += count;
        return this;
    }

    LineWriter number(long value) {
        return raw(Long.toString(value));
    }

    /** A finite number. */
    LineWriter number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? number((long) value) : raw(Double.toString(value));
    }

    /** A quoted text; null is empty. */
    LineWriter text(String text) {
        int count = text == null ? 0 : text.length();
        int end = count;
        if (count > maxChars) {
            shortened = true;
            end = maxChars > 0 && Character.isHighSurrogate(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
        }
        room(end + 2);
        bytes[length++] = '"';
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x80 && c != '"' && c != '\\') {
                if (length == bytes.length) {
                    room(end - i + 1);
                }
                bytes[length++] = (byte) c;
            } else {
                room(end - i + 12);
                i += special(text, i, end, c);
            }
        }
        if (end < count) {
            raw("...[" + (count - end) + " more]");
        }
        room(1);
        bytes[length++] = '"';
        return this;
    }

    /** Writes what is not plain ASCII; returns how many characters beside the first it took. */
    private int special(String text, int at, int end, char c) {
        if (c < 0x80) {
            escape(c);
        } else if (c < 0x800) {
            bytes[length++] = (byte) (0xC0 | c >> 6);
            bytes[length++] = (byte) (0x80 | c & 0x3F);
        } else if (Character.isHighSurrogate(c) && at + 1 < end && Character.isLowSurrogate(text.charAt(at + 1))) {
            int point = Character.toCodePoint(c, text.charAt(at + 1));
            bytes[length++] = (byte) (0xF0 | point >> 18);
            bytes[length++] = (byte) (0x80 | point >> 12 & 0x3F);
            bytes[length++] = (byte) (0x80 | point >> 6 & 0x3F);
            bytes[length++] = (byte) (0x80 | point & 0x3F);
            return 1;
        } else {
            char sound = Character.isSurrogate(c) ? '\uFFFD' : c;
            bytes[length++] = (byte) (0xE0 | sound >> 12);
            bytes[length++] = (byte) (0x80 | sound >> 6 & 0x3F);
            bytes[length++] = (byte) (0x80 | sound & 0x3F);
        }
        return 0;
    }

    private void escape(char c) {
        bytes[length++] = '\\';
        switch (c) {
            case '"', '\\' -> bytes[length++] = (byte) c;
            case '\n' -> bytes[length++] = 'n';
            case '\r' -> bytes[length++] = 'r';
            case '\t' -> bytes[length++] = 't';
            default -> {
                bytes[length++] = 'u';
                bytes[length++] = '0';
                bytes[length++] = '0';
                bytes[length++] = HEX[c >> 4];
                bytes[length++] = HEX[c & 0xF];
            }
        }
    }

    /** An object with the members of both maps, of which the second wins; null is an empty one. */
    LineWriter object(Map<String, ?> base, Map<String, ?> more) {
        int mark = length;
        try {
            if (base.isEmpty() || more == null || more.isEmpty()) {
                map(base.isEmpty() ? more == null ? Map.of() : more : base);
            } else {
                Map<String, Object> all = new LinkedHashMap<>(base);
                all.putAll(more);
                map(all);
            }
        } catch (Exception | StackOverflowError | LinkageError e) {
            // Not only unchecked ones: generated and non-Java code throws anything from anywhere.
            length = mark;
            depth = 0;
            raw("{\"unreadable\":").text(e.getClass().getName()).raw("}");
        }
        return this;
    }

    /** Any value. */
    void value(Object value) {
        nodes++;
        if (value instanceof String text) {
            text(text);
        } else if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            number(((Number) value).longValue());
        } else if (value == null || value instanceof Boolean) {
            raw(String.valueOf(value));
        } else if (value instanceof Double || value instanceof Float) {
            floating((Number) value);
        } else {
            foreign(value);
        }
    }

    private void floating(Number value) {
        if (!Double.isFinite(value.doubleValue())) {
            text(value.toString());
        } else if (value instanceof Float) {
            raw(value.toString());
        } else {
            number(value.doubleValue());
        }
    }

    /** Values whose own code has to run. */
    private void foreign(Object value) {
        int mark = length;
        int level = depth;
        try {
            if (value instanceof Map || value instanceof Collection || value.getClass().isArray()) {
                container(value);
            } else if (value instanceof AtomicLong || value instanceof AtomicInteger || value instanceof LongAdder) {
                number(((Number) value).longValue());
            } else if (value.getClass() == BigDecimal.class || value.getClass() == BigInteger.class) {
                big(value.toString());
            } else {
                text(value.toString());
            }
        } catch (Exception | StackOverflowError | LinkageError e) {
            length = mark;
            depth = level;
            text("[unreadable " + value.getClass().getName() + ": " + e.getClass().getName() + "]");
        }
    }

    /** Numbers are kept as exact as they are, as long as they are of a size that somebody may want to read. */
    private void big(String digits) {
        if (digits.length() <= 1_000) {
            raw(digits);
        } else {
            text(digits);
        }
    }

    private void container(Object value) {
        for (int i = 0; i < depth; i++) {
            if (path[i] == value) {
                text("[cycle]");
                return;
            }
        }
        if (depth == MAX_DEPTH) {
            shortened = true;
            text("[too deep]");
            return;
        }
        path[depth++] = value;
        if (value instanceof Map<?, ?> map) {
            map(map);
        } else if (value instanceof Collection<?> list) {
            list(list);
        } else {
            array(value);
        }
        path[--depth] = null;
    }

    private void map(Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (isFull()) {
                break;
            }
            raw(separator).text(String.valueOf(entry.getKey())).raw(":");
            value(entry.getValue());
            separator = ",";
        }
        raw(separator.equals("{") ? "{}" : "}");
    }

    private void list(Collection<?> list) {
        String separator = "[";
        for (Object element : list) {
            if (isFull()) {
                break;
            }
            raw(separator);
            value(element);
            separator = ",";
        }
        raw(separator.equals("[") ? "[]" : "]");
    }

    private void array(Object array) {
        int count = Array.getLength(array);
        raw("[");
        for (int i = 0; i < count && !isFull(); i++) {
            if (i > 0) {
                raw(",");
            }
            value(Array.get(array, i));
        }
        raw("]");
    }

    private boolean isFull() {
        if (nodes < maxNodes && length < Messages.MAX_LINE) {
            return false;
        }
        shortened = true;
        return true;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
