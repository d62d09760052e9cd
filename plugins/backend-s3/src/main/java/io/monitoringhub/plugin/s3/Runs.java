package io.monitoringhub.plugin.s3;

import java.util.Arrays;

/**
 * Which places of a spool belong to one object, in order; 8 bytes each, and what follows without a gap is one.
 *
 * <p>Used by one thread at a time.
 */
final class Runs {

    private static final int LENGTH_BITS = 24;
    private static final int MAX_LENGTH = (1 << LENGTH_BITS) - 1;

    private long[] runs = new long[4];
    private int count;
    private long bytes;

    /** Adds a place. @param length at most 16 MiB */
    void add(long position, int length) {
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("a message of " + length + " bytes is longer than " + MAX_LENGTH);
        }
        bytes += length;
        if (count > 0) {
            int last = count - 1;
            if (position(last) + length(last) == position && length(last) + length <= MAX_LENGTH) {
                runs[last] += length;
                return;
            }
        }
        if (count == runs.length) {
            runs = Arrays.copyOf(runs, count * 2);
        }
        runs[count++] = position << LENGTH_BITS | length;
    }

    int count() {
        return count;
    }

    long position(int index) {
        return runs[index] >>> LENGTH_BITS;
    }

    int length(int index) {
        return (int) (runs[index] & MAX_LENGTH);
    }

    /** The sum of all lengths. */
    long bytes() {
        return bytes;
    }
}
