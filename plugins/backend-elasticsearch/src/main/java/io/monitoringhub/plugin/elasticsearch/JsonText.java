package io.monitoringhub.plugin.elasticsearch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON as it is put together: bytes in UTF-8 that grow as needed.
 *
 * <p>Used by one thread at a time.
 */
final class JsonText {

    private static final int FIRST_SPACE = 16 << 10;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int REPLACEMENT = 0xfffd;

    private byte[] bytes = new byte[FIRST_SPACE];
    private int length;

    int length() {
        return length;
    }

    /** The memory itself: valid up to {@link #length}, until the next change. */
    byte[] array() {
        return bytes;
    }

    void clear() {
        length = 0;
    }

    /** Takes back what was added since the length was this. */
    void cutTo(int earlier) {
        length = earlier;
    }

    /** Text of ASCII as it is. */
    JsonText raw(String ascii) {
        room(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            bytes[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    JsonText raw(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** A string, quoted and escaped; half a character becomes U+FFFD. */
    JsonText string(String text) {
        raw('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                room(6);
                ascii((byte) c);
            } else if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                encode(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                encode(Character.isSurrogate(c) ? REPLACEMENT : c);
            }
        }
        return raw('"');
    }

    /** Bytes of valid UTF-8 as a string, quoted and escaped. */
    JsonText string(byte[] utf8, int count) {
        raw('"');
        room(count);
        for (int i = 0; i < count; i++) {
            room(6);
            ascii(utf8[i]);
        }
        return raw('"');
    }

    /** A string as a further member of the object that is open, if there is one. */
    JsonText member(String name, String text) {
        return text == null ? this : raw(",\"").raw(name).raw("\":").string(text);
    }

    /** A byte of a string; there is room for six. Those beyond ASCII stay as they are. */
    private void ascii(byte b) {
        if (b == '"' || b == '\\') {
            bytes[length++] = '\\';
            bytes[length++] = b;
        } else if (b >= 0 && b < 0x20) {
            bytes[length++] = '\\';
            bytes[length++] = 'u';
            bytes[length++] = '0';
            bytes[length++] = '0';
            bytes[length++] = HEX[b >> 4];
            bytes[length++] = HEX[b & 15];
        } else {
            bytes[length++] = b;
        }
    }

    private void encode(int point) {
        room(4);
        if (point < 0x800) {
            bytes[length++] = (byte) (0xc0 | point >> 6);
        } else {
            if (point < 0x10000) {
                bytes[length++] = (byte) (0xe0 | point >> 12);
            } else {
                bytes[length++] = (byte) (0xf0 | point >> 18);
                bytes[length++] = (byte) (0x80 | point >> 12 & 0x3f);
            }
            bytes[length++] = (byte) (0x80 | point >> 6 & 0x3f);
        }
        bytes[length++] = (byte) (0x80 | point & 0x3f);
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
