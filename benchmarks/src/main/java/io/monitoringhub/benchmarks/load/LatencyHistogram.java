package io.monitoringhub.benchmarks.load;

import java.util.Locale;

/**
 * Counts of durations in buckets that grow with the duration: thirty-two per power of two, so that a percentile is at
 * most 3 % too high, from a nanosecond to centuries.
 *
 * <p>Used by one thread at a time.
 */
public final class LatencyHistogram {
    private static final int STEPS = 32;
    private static final int STEP_BITS = 5;

    private final long[] counts = new long[(Long.SIZE - STEP_BITS) * STEPS];
    private long total;
    private long max;

    /** Counts one duration; a negative one counts as 0. */
    public void add(long nanos) {
        add(nanos, 1);
    }

    /** Counts {@code times} equal durations. */
    public void add(long nanos, long times) {
        long value = Math.max(0, nanos);
        counts[bucket(value)] += times;
        total += times;
        max = Math.max(max, value);
    }

    /** Adds everything that another histogram counted. */
    public void add(LatencyHistogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
        max = Math.max(max, other.max);
    }

    /** How many durations were counted. */
    public long total() {
        return total;
    }

    /** The longest duration, exactly. */
    public long maxNanos() {
        return max;
    }

    /** The duration that {@code share} (0 to 1) of all do not exceed, rounded up to its bucket's end; 0 if empty. */
    public long nanosAt(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * total));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(max, lastOf(i));
            }
        }
        return max;
    }

    /** The same in milliseconds. */
    public double millisAt(double share) {
        return nanosAt(share) / 1e6;
    }

    private static int bucket(long value) {
        if (value < STEPS) {
            return (int) value;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - STEP_BITS;
        return (shift + 1) * STEPS + (int) (value >>> shift) - STEPS;
    }

    private static long lastOf(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int shift = bucket / STEPS - 1;
        return ((long) (bucket % STEPS + STEPS + 1) << shift) - 1;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "n=%d p50=%.3f p99=%.3f p99.9=%.3f max=%.3f ms", total, millisAt(0.5), millisAt(0.99),
                millisAt(0.999), max / 1e6);
    }
}
