package io.monitoringhub.benchmarks.verify;

import java.util.Arrays;

/** Which messages of one connection were found: one bit each. Used by one thread at a time. */
final class SeenNumbers {
    private long[] bits = new long[1024];
    private long[] lastBySeries = new long[1];
    private long highest;
    private long count;

    /** @return whether it was not there before */
    boolean add(long number) {
        int word = (int) (number >>> 6);
        if (word >= bits.length) {
            bits = Arrays.copyOf(bits, Math.max(word + 1, bits.length * 2));
        }
        long bit = 1L << number;
        boolean isNew = (bits[word] & bit) == 0;
        bits[word] |= bit;
        count += isNew ? 1 : 0;
        highest = Math.max(highest, number);
        return isNew;
    }

    /** Notes that {@code number} comes next in a series of files. @return whether it comes behind a higher one */
    boolean isLate(int series, long number) {
        if (series >= lastBySeries.length) {
            lastBySeries = Arrays.copyOf(lastBySeries, series + 1);
        }
        boolean late = number < lastBySeries[series];
        lastBySeries[series] = Math.max(lastBySeries[series], number);
        return late;
    }

    long highest() {
        return highest;
    }

    long count() {
        return count;
    }

    /** The first number from {@code from} to {@code through} that was not found, 0 if all were. */
    long firstMissing(long from, long through) {
        for (long number = from; number <= through; number++) {
            int word = (int) (number >>> 6);
            if (word >= bits.length) {
                return number;
            }
            if ((number & 63) == 0 && bits[word] == -1 && number + 63 <= through) {
                number += 63;
            } else if ((bits[word] & 1L << number) == 0) {
                return number;
            }
        }
        return 0;
    }

    /** How many of the numbers 1 to {@code through} were not found. */
    long missing(long through) {
        long found = 0;
        int words = (int) Math.min(bits.length, (through >>> 6) + 1);
        for (int word = 0; word < words; word++) {
            long mask = word == through >>> 6 ? -1L >>> 63 - (through & 63) : -1;
            found += Long.bitCount(bits[word] & mask);
        }
        return through - found;
    }
}
