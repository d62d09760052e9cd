package io.monitoringhub.protocol;

/** What sources, ids and other short texts need while they are characters and not yet a string. Immutable. */
final class Identifiers {

    static final int MAX_BYTES = 255;
    static final String RULE = "at most 255 bytes, without control characters and lone surrogates";

    private Identifiers() {
    }

    /** Whether these characters may be a source or an id; none at all are fine here. */
    static boolean isIdentifier(char[] chars, int from, int length) {
        if (length > MAX_BYTES) {
            return false;
        }
        int bytes = 0;
        int to = from + length;
        for (int i = from; i < to; i++) {
            char c = chars[i];
            if (c >= ' ' && c < 0x7F) {
                bytes++;
            } else if (Character.isISOControl(c)) {
                return false;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(chars[i + 1])) {
                bytes += 4;
                i++;
            } else {
                return false;
            }
        }
        return bytes <= MAX_BYTES;
    }

    /** Whether these bytes are this text, which is ASCII. */
    static boolean isSame(String text, byte[] bytes, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i - from) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether these characters are this text. */
    static boolean isSame(String text, char[] chars, int from, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != chars[from + i]) {
                return false;
            }
        }
        return true;
    }
}
