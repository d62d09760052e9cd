package io.monitoringhub.benchmarks.load;

/**
 * How many messages are due. Counted from the start and not from the last step, so that neither late steps nor
 * rounding add up: whoever comes late is given what was missed.
 *
 * <p>Used by one thread at a time.
 */
final class Pacer {
    private final double perNano;
    private final long start;
    private long given;

    Pacer(double perSecond, long startNanos) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("rate " + perSecond + " messages/s: must be above 0");
        }
        perNano = perSecond / 1e9;
        start = startNanos;
    }

    /** Messages that became due since the last call. */
    long due(long nowNanos) {
        long total = (long) ((nowNanos - start) * perNano);
        long due = Math.max(0, total - given);
        given += due;
        return due;
    }
}
