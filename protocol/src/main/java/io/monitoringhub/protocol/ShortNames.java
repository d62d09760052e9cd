package io.monitoringhub.protocol;

import static io.monitoringhub.protocol.Words.LONGS;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds out which of a few short names some bytes are, with one multiplication and one comparison: a name of at most seven letters is a
 * number of 64 bits, and for few numbers there is a factor whose products differ in their highest bits. Immutable.
 */
final class ShortNames {

    /** Nothing longer can be one of the names. */
    static final int LONGEST = 7;
    static final int UNKNOWN = -1;

    private static final int SHIFT = 58;
    private static final int SLOTS = 1 << 64 - SHIFT;

    private final long factor;
    private final long[] words = new long[SLOTS];
    private final byte[] numbers = new byte[SLOTS];

    /** @param names each of 1 to 7 ASCII letters; the first has number 0 */
    ShortNames(String... names) {
        factor = findFactor(names);
        for (int i = 0; i < names.length; i++) {
            int slot = slot(word(names[i]));
            words[slot] = word(names[i]);
            numbers[slot] = (byte) i;
        }
    }

    /** The number of the name that these bytes are, or {@link #UNKNOWN}. */
    int numberOf(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > LONGEST || length == 0) {
            return UNKNOWN;
        }
        long word = word(bytes, from, length);
        int slot = slot(word);
        return words[slot] == word ? numbers[slot] : UNKNOWN;
    }

    private static long word(byte[] bytes, int from, int length) {
        if (from + Long.BYTES <= bytes.length) {
            return (long) LONGS.get(bytes, from) & (1L << (length << 3)) - 1;
        }
        long word = 0;
        for (int i = length - 1; i >= 0; i--) {
            word = word << 8 | bytes[from + i] & 0xFF;
        }
        return word;
    }

    private static long word(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length > LONGEST) {
            throw new IllegalArgumentException("'" + name + "' has not 1 to " + LONGEST + " letters");
        }
        return word(Arrays.copyOf(bytes, Long.BYTES), 0, bytes.length);
    }

    private int slot(long word) {
        return slot(word, factor);
    }

    private static int slot(long word, long factor) {
        return (int) (word * factor >>> SHIFT);
    }

    /** Tries odd factors, always the same ones, until each name has a slot of its own. */
    private static long findFactor(String[] names) {
        long candidate = 0x9E3779B97F4A7C15L;
        while (!isGood(candidate, names)) {
            candidate = candidate * 6364136223846793005L + 1442695040888963407L | 1;
        }
        return candidate;
    }

    private static boolean isGood(long factor, String[] names) {
        return Arrays.stream(names).mapToInt(name -> slot(word(name), factor)).distinct().count() == names.length;
    }
}
