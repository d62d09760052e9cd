package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.Locale;

/**
 * What a tenure does between two attempts: counts, tells, waits. Joins breaker, back-off and the lane's state.
 *
 * <p>Used by the tenure's thread, but for {@link #breakerWord}.
 */
final class Pauses {

    private final Tenure tenure;
    private final Ledger ledger;
    private final Breaker breaker;
    private final Backoff backoff;

    Pauses(Tenure tenure, Ledger ledger, Breaker breaker, Backoff backoff) {
        this.tenure = tenure;
        this.ledger = ledger;
        this.breaker = breaker;
        this.backoff = backoff;
    }

    /** Tells whether the next call tries if the destination is back. */
    boolean isProbe() {
        return breaker.state() == Breaker.State.HALF_OPEN;
    }

    String breakerWord() {
        return breaker.state().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean isOpen() {
        return breaker.state() != Breaker.State.CLOSED;
    }

    void succeeded() throws TenureOver {
        if (breaker.failures() > 0) {
            breaker.succeeded();
            ledger.state(tenure, LaneState.OK, "");
        }
    }

    /** Something failed that may pass later: the lane is DEGRADED until it does. */
    void afterFailure(String kind, String message, Throwable cause, Duration atLeast) throws TenureOver {
        breaker.failed();
        ledger.failed(tenure, kind, message, cause);
        long pause = backoff.pauseNanos(breaker.failures(), atLeast);
        ledger.state(tenure, LaneState.DEGRADED, message + " (tried again by itself, after " + breaker.failures()
                + " failures in a row in " + Duration.ofNanos(pause).toMillis() + " ms)");
        tenure.pause(pause);
        breaker.pauseOver();
    }

    /** Part of a batch was taken: the destination is busy, not down. */
    void afterProgress() throws TenureOver {
        tenure.pause(backoff.pauseNanos(1, Duration.ZERO));
    }
}
