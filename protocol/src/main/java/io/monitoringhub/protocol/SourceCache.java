package io.monitoringhub.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The sources that were seen last, so that a message costs no new string. One slot per hash: a newcomer takes the place of whoever was
 * there, so it never grows. Used by one thread at a time.
 */
final class SourceCache {

    private static final int SLOTS = 64;
    /** Of bytes, one in three tells sources apart well enough. */
    private static final int STRIDE = 3;

    private final String[] slots = new String[SLOTS];
    private String last = "";
    /** Those that came as bytes have slots of their own, beside what they are compared with. */
    private final byte[][] asciiBytes = new byte[SLOTS][];
    private final String[] ascii = new String[SLOTS];

    /** The same for bytes that are ASCII. */
    String get(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i += STRIDE) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 6) & SLOTS - 1;
        byte[] found = asciiBytes[slot];
        if (found == null || !Arrays.equals(found, 0, found.length, bytes, from, to)) {
            asciiBytes[slot] = Arrays.copyOfRange(bytes, from, to);
            ascii[slot] = new String(asciiBytes[slot], StandardCharsets.US_ASCII);
        }
        return ascii[slot];
    }

    String get(char[] chars, int from, int length) {
        if (Identifiers.isSame(last, chars, from, length)) {
            return last;
        }
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + chars[i];
        }
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        String found = slots[slot];
        if (found == null || !Identifiers.isSame(found, chars, from, length)) {
            found = new String(chars, from, length);
            slots[slot] = found;
        }
        last = found;
        return found;
    }
}
