package io.monitoringhub.correlation;

import java.time.Duration;

/**
 * The bounds of a correlator. Immutable.
 *
 * @param maxTraces traces kept; the one that was touched longest ago makes room
 * @param maxSpansPerTrace spans kept of one trace; later ones are counted only
 * @param maxJobs jobs kept; the one that was touched longest ago makes room
 * @param maxBytes estimated memory for all of them, at least 64 KiB; one trace gets at most an eighth
 * @param maxLagEntries how far it may fall behind the log's durable end before it skips ahead; from half of it on, events and metrics
 *        are no longer counted per trace
 * @param maxShare how much of one core it may take while it is behind, more than 0 to 1: ingest and delivery come first
 * @param maxAge how long a trace or job is kept that no message touches, by the hub's clock
 */
public record CorrelatorSettings(int maxTraces, int maxSpansPerTrace, int maxJobs, long maxBytes, long maxLagEntries,
        double maxShare, Duration maxAge) {

    private static final Duration DAY = Duration.ofDays(1);

    /** @throws IllegalArgumentException when a value is out of its range */
    public CorrelatorSettings {
        atLeast(1, maxTraces, "maxTraces");
        atLeast(1, maxSpansPerTrace, "maxSpansPerTrace");
        atLeast(1, maxJobs, "maxJobs");
        atLeast(1 << 16, maxBytes, "maxBytes");
        atLeast(1, maxLagEntries, "maxLagEntries");
        if (!(maxShare > 0 && maxShare <= 1)) {
            throw new IllegalArgumentException("maxShare of the correlator must be more than 0 and at most 1, not " + maxShare);
        }
        if (maxAge.isNegative() || maxAge.isZero()) {
            throw new IllegalArgumentException("maxAge of the correlator must be more than 0, not " + maxAge);
        }
    }

    /** The same, for a day. */
    public CorrelatorSettings(int maxTraces, int maxSpansPerTrace, int maxJobs, long maxBytes, long maxLagEntries, double maxShare) {
        this(maxTraces, maxSpansPerTrace, maxJobs, maxBytes, maxLagEntries, maxShare, DAY);
    }

    /** The same bounds, but for the age. */
    public CorrelatorSettings forgetting(Duration age) {
        return new CorrelatorSettings(maxTraces, maxSpansPerTrace, maxJobs, maxBytes, maxLagEntries, maxShare, age);
    }

    /** 20,000 traces of at most 2,000 spans, 10,000 jobs, 64 MiB, two million entries behind, a sixth of a core, a day. */
    public static CorrelatorSettings defaults() {
        return new CorrelatorSettings(20_000, 2_000, 10_000, 64L << 20, 2_000_000, 1.0 / 6);
    }

    private static void atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " of the correlator must be at least " + least + ", not " + value);
        }
    }
}
