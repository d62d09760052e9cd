package io.monitoringhub.protocol;

import static io.monitoringhub.protocol.Words.HIGH_BITS;
import static io.monitoringhub.protocol.Words.LONGS;
import static io.monitoringhub.protocol.Words.ONES;

/** The questions about raw bytes that come before any parsing: where lines end, and whether they are UTF-8. Immutable. */
final class LineBytes {

    private static final long NEWLINES = '\n' * ONES;

    private LineBytes() {
    }

    /**
     * Where the line that begins at {@code from} ends. There must be a newline before {@code to}.
     *
     * @return the newline's index, or its complement when the line holds a byte that is not ASCII
     */
    static int endOfLine(byte[] bytes, int from, int to) {
        long high = 0;
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long difference = word ^ NEWLINES;
            long hit = difference - ONES & ~difference & HIGH_BITS;
            if (hit != 0) {
                high |= word & (hit & -hit) - 1;
                int newline = i + (Long.numberOfTrailingZeros(hit) >>> 3);
                return (high & HIGH_BITS) == 0 ? newline : ~newline;
            }
            high |= word;
        }
        for (; bytes[i] != '\n'; i++) {
            high |= bytes[i];
        }
        return (high & HIGH_BITS) == 0 ? i : ~i;
    }

    /** The index of the last newline, or {@code from - 1}. */
    static int lastNewline(byte[] bytes, int from, int to) {
        int i = to - 1;
        while (i >= from && bytes[i] != '\n') {
            i--;
        }
        return i;
    }

    /** The first byte that is not JSON's white space, or {@code to}. */
    static int skipSpace(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isSpace(bytes[i])) {
            i++;
        }
        return i;
    }

    /** Behind the last byte that is not JSON's white space, or {@code from}. */
    static int trimSpace(byte[] bytes, int from, int to) {
        int i = to;
        while (i > from && isSpace(bytes[i - 1])) {
            i--;
        }
        return i;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /**
     * Whether this is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF, nothing cut off.
     */
    static boolean isUtf8(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (i <= to - Long.BYTES && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
                i += Long.BYTES;
            } else if (bytes[i] >= 0) {
                i++;
            } else {
                int length = sequenceLength(bytes, i, to);
                if (length == 0) {
                    return false;
                }
                i += length;
            }
        }
        return true;
    }

    /** How long the well-formed sequence of two to four bytes is that begins here; 0 if there is none. */
    private static int sequenceLength(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xFF;
        int left = to - at;
        if (lead >= 0xC2 && lead <= 0xDF) {
            return left >= 2 && isContinuation(bytes[at + 1]) ? 2 : 0;
        }
        if (lead >= 0xE0 && lead <= 0xEF) {
            return left >= 3 && isSecond(lead, bytes[at + 1] & 0xFF) && isContinuation(bytes[at + 2]) ? 3 : 0;
        }
        if (lead >= 0xF0 && lead <= 0xF4) {
            return left >= 4 && isSecond(lead, bytes[at + 1] & 0xFF) && isContinuation(bytes[at + 2])
                    && isContinuation(bytes[at + 3]) ? 4 : 0;
        }
        return 0;
    }

    /** The second byte is where overlong forms, surrogates and code points beyond Unicode show. */
    private static boolean isSecond(int lead, int second) {
        int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return second >= lowest && second <= highest;
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xC0) == 0x80;
    }
}
