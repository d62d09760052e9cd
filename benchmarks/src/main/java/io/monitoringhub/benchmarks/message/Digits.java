package io.monitoringhub.benchmarks.message;

/** Decimal digits as big-endian words, so that eight of them are written with one store. Immutable. */
final class Digits {
    static final long TEN_THOUSAND = 10_000;
    private static final int[] FOUR = new int[10_000];

    static {
        for (int i = 0; i < FOUR.length; i++) {
            FOUR[i] = (int) word(i, 4);
        }
    }

    private Digits() {
    }

    /** The last four digits of a number below 10,000. */
    static int four(int value) {
        return FOUR[value];
    }

    /** The last eight digits of {@code value}. */
    static long eight(long value) {
        int low = (int) (value % 100_000_000);
        return (long) FOUR[low / 10_000] << 32 | FOUR[low % 10_000];
    }

    /** The last {@code digits} (at most eight) decimal digits of {@code value} in ASCII, the last one in the lowest byte. */
    static long word(long value, int digits) {
        long word = 0;
        long rest = value;
        for (int i = 0; i < digits; i++) {
            word |= ('0' + rest % 10) << (8 * i);
            rest /= 10;
        }
        return word;
    }
}
