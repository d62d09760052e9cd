package io.monitoringhub.plugin.postgresql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the parts of one message that become columns, in its own bytes and without creating objects. The hub has let in nothing that is
 * not one valid JSON object, so this only looks for ends.
 *
 * <p>Used by one thread at a time; holds the last message's findings.
 */
final class MessageScanner {

    /** Which part of a message. */
    enum Part { TRACE, SPAN, PARENT, DATA }

    private static final int PARTS = Part.values().length;
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private final int[] from = new int[PARTS];
    private final int[] to = new int[PARTS];
    private byte[] bytes = {};
    private int[] extras = new int[8];
    private int extraCount;
    private String poison;

    /** Looks at the message from {@code start} to below {@code end}. */
    void scan(byte[] message, int start, int end) {
        bytes = message;
        Arrays.fill(from, -1);
        extraCount = 0;
        poison = null;
        int at = skipSpace(start) + 1;
        while (true) {
            at = skipSpace(at);
            if (at >= end || bytes[at] == '}') {
                return;
            }
            if (bytes[at] == ',') {
                at = skipSpace(at + 1);
            }
            int key = at;
            int keyEnd = endOfString(key);
            int value = skipSpace(skipSpace(keyEnd) + 1);
            at = endOfValue(value, end);
            note(key + 1, keyEnd - 1, value, at);
        }
    }

    private void note(int key, int keyEnd, int value, int valueEnd) {
        if (isEscaped(key, keyEnd)) {
            byte[] plain = unescaped(key, keyEnd);
            note(plain, 0, plain.length, key, value, valueEnd);
        } else {
            note(bytes, key, keyEnd, key, value, valueEnd);
        }
    }

    private void note(byte[] name, int start, int end, int key, int value, int valueEnd) {
        switch (end - start) {
            case 1 -> extraUnless(name[start] == 'v', key, valueEnd);
            case 2 -> extraUnless(name[start] == 't' && name[start + 1] == 's', key, valueEnd);
            case 3 -> {
                Part id = name[start + 1] == 'i' && name[start + 2] == 'd' ? idPart(name[start]) : null;
                if (id != null) {
                    found(id, value, valueEnd);
                } else {
                    extraUnless(is(name, start, 's', 'r', 'c'), key, valueEnd);
                }
            }
            case 4 -> {
                if (is(name, start, 'd', 'a', 't', 'a')) {
                    found(Part.DATA, value, valueEnd);
                } else {
                    extraUnless(is(name, start, 't', 'y', 'p', 'e'), key, valueEnd);
                }
            }
            default -> extraUnless(false, key, valueEnd);
        }
    }

    private static Part idPart(byte first) {
        return first == 't' ? Part.TRACE : first == 's' ? Part.SPAN : first == 'p' ? Part.PARENT : null;
    }

    private static boolean is(byte[] name, int start, char... word) {
        for (int i = 0; i < word.length; i++) {
            if (name[start + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    private void found(Part part, int value, int valueEnd) {
        from[part.ordinal()] = value;
        to[part.ordinal()] = valueEnd;
    }

    private void extraUnless(boolean isKnown, int key, int valueEnd) {
        if (!isKnown) {
            if (extraCount == extras.length) {
                extras = Arrays.copyOf(extras, extraCount * 2);
            }
            extras[extraCount++] = key - 1;
            extras[extraCount++] = valueEnd;
        }
    }

    /** Why jsonb can't hold the message, or null. */
    String poison() {
        return poison;
    }

    /** Writes a text column: absent, null and empty are all NULL. */
    void putText(Part part, RowBuffer row) {
        int start = from[part.ordinal()];
        int end = to[part.ordinal()];
        if (start < 0 || bytes[start] != '"' || end - start == 2) {
            row.putNull();
        } else if (isEscaped(start + 1, end - 1)) {
            byte[] plain = unescaped(start + 1, end - 1);
            row.putBytes(plain, 0, plain.length);
        } else {
            row.putBytes(bytes, start + 1, end - 1);
        }
    }

    /** Writes {@code data} as it came; NULL where it is absent. */
    void putData(RowBuffer row) {
        int start = from[Part.DATA.ordinal()];
        if (start < 0 || Arrays.equals(bytes, start, to[Part.DATA.ordinal()], NULL, 0, NULL.length)) {
            row.putNull();
        } else {
            row.putJson(bytes, start, to[Part.DATA.ordinal()]);
        }
    }

    /** Writes the envelope's fields that have no column, as one object; NULL where there are none. */
    void putExtra(RowBuffer row) {
        if (extraCount == 0) {
            row.putNull();
        } else {
            row.putJson(bytes, extras, extraCount);
        }
    }

    private int skipSpace(int at) {
        int i = at;
        while (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r') {
            i++;
        }
        return i;
    }

    private int endOfValue(int start, int end) {
        byte first = bytes[start];
        if (first == '"') {
            return endOfString(start);
        }
        if (first == '{' || first == '[') {
            return endOfNested(start);
        }
        int i = start;
        while (i < end && bytes[i] != ',' && bytes[i] != '}' && bytes[i] > ' ') {
            i++;
        }
        return i;
    }

    private int endOfNested(int start) {
        int depth = 0;
        int i = start;
        do {
            switch (bytes[i]) {
                case '"' -> i = endOfString(i) - 1;
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> { }
            }
            i++;
        } while (depth > 0);
        return i;
    }

    /** @return the index behind the closing quote */
    private int endOfString(int start) {
        int i = start + 1;
        while (bytes[i] != '"') {
            i = bytes[i] == '\\' ? endOfEscape(i) : i + 1;
        }
        return i + 1;
    }

    private int endOfEscape(int start) {
        if (bytes[start + 1] != 'u') {
            return start + 2;
        }
        char unit = hex(start + 2);
        int end = start + 6;
        if (unit == 0) {
            poison = "\\u0000 can't be stored as jsonb";
        } else if (Character.isHighSurrogate(unit)) {
            if (bytes[end] == '\\' && bytes[end + 1] == 'u' && Character.isLowSurrogate(hex(end + 2))) {
                return end + 6;
            }
            poison = "half of a surrogate pair can't be stored as jsonb";
        } else if (Character.isLowSurrogate(unit)) {
            poison = "half of a surrogate pair can't be stored as jsonb";
        }
        return end;
    }

    private char hex(int at) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            value = value << 4 | Character.digit(bytes[i], 16);
        }
        return (char) value;
    }

    private boolean isEscaped(int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    private byte[] unescaped(int start, int end) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(end - start);
        StringBuilder pair = new StringBuilder(2);
        for (int i = start; i < end;) {
            if (bytes[i] != '\\') {
                plain.write(bytes[i++]);
                continue;
            }
            if (bytes[i + 1] == 'u') {
                char unit = hex(i + 2);
                pair.append(unit);
                i += 6;
                if (!Character.isHighSurrogate(unit)) {
                    plain.writeBytes(pair.toString().getBytes(StandardCharsets.UTF_8));
                    pair.setLength(0);
                }
            } else {
                plain.write(simple(bytes[i + 1]));
                i += 2;
            }
        }
        return plain.toByteArray();
    }

    private static int simple(byte letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            default -> letter;
        };
    }
}
