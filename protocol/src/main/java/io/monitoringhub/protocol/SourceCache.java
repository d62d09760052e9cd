package io.monitoringhub.protocol;

import java.nio.charset.StandardCharsets;

/**
 * The sources that were seen last, so that a message costs no new string. One slot per hash: a newcomer takes the place of whoever was
 * there, so it never grows. Used by one thread at a time.
 */
final class SourceCache {

    private static final int SLOTS = 64;

    private final String[] slots = new String[SLOTS];
    private String last = "";

    /** The same for bytes that are ASCII. */
    String get(byte[] bytes, int from, int to) {
        if (Identifiers.isSame(last, bytes, from, to)) {
            return last;
        }
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        String found = slots[slot];
        if (found == null || !Identifiers.isSame(found, bytes, from, to)) {
            found = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
            slots[slot] = found;
        }
        last = found;
        return found;
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
