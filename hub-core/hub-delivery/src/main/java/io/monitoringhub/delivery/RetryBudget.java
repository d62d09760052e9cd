package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much of what a destination is sent may be repetition. A call that is taken earns a share of a repetition, a repetition costs one, or
 * the part of one that was not taken; a reserve allows for bad moments, and one a second is always allowed. Who has spent it all waits:
 * nothing is given up for want of budget.
 *
 * <p>The back-off begins anew with each success. Against a destination that takes something now and then it is no brake; this is.
 *
 * <p>Used by one thread at a time.
 */
final class RetryBudget {

    private static final double RESERVE = 10;
    private static final double DEEPEST = -1;
    private static final double EASY_AGAIN = RESERVE / 2;
    private static final double NANOS_PER_TOKEN = Duration.ofSeconds(1).toNanos();

    private final double share;
    private final LongSupplier nanoTime;
    private double tokens = RESERVE;
    private long filledAt;
    private boolean isShort;

    /** @param percent of calls that may be repetitions, 0 to 100 */
    RetryBudget(int percent, LongSupplier nanoTime) {
        share = percent / 100.0;
        this.nanoTime = nanoTime;
        filledAt = nanoTime.getAsLong();
    }

    /** A part of a call was taken, from more than nothing to 1, all of it. */
    void earn(double part) {
        add(part * share);
    }

    /** A part of a call is to be repeated. */
    void spend(double part) {
        add(-part);
        isShort |= tokens < 0;
    }

    /** How long to wait before the next repetition. */
    long waitNanos() {
        add(0);
        return tokens >= 0 ? 0 : Math.round(-tokens * NANOS_PER_TOKEN);
    }

    /** Tells whether it was all spent lately and half of the reserve is not back. */
    boolean isShort() {
        add(0);
        isShort &= tokens < EASY_AGAIN;
        return isShort;
    }

    private void add(double change) {
        long now = nanoTime.getAsLong();
        double refilled = Math.min(RESERVE, tokens + Math.max(0, now - filledAt) / NANOS_PER_TOKEN);
        filledAt = now;
        tokens = Math.max(DEEPEST, Math.min(RESERVE, refilled + change));
    }
}
