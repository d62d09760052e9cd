package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * What a tenure does between two attempts: counts, tells, waits. Joins breaker, back-off and the lane's state. Where somebody else can
 * deliver instead, an open breaker is the end of the tenure.
 *
 * <p>Used by the tenure's thread, but for {@link #breakerWord}, {@link #isOpen} and {@link #isDown}.
 */
final class Pauses {

    private final Tenure tenure;
    private final Ledger ledger;
    private final Breaker breaker;
    private final Backoff backoff;
    private final BooleanSupplier relief;

    /** @param relief whether somebody else could deliver instead; asked without any lock */
    Pauses(Tenure tenure, Ledger ledger, Breaker breaker, Backoff backoff, BooleanSupplier relief) {
        this.relief = relief;
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

    /** The latest call failed, and so did enough before it. */
    boolean isDown() {
        return breaker.state() == Breaker.State.OPEN;
    }

    /** The destination can be opened. For one that has been down lately, that proves nothing: the first write does. */
    void opened() throws TenureOver {
        if (breaker.failures() > 0) {
            succeeded();
        }
    }

    void succeeded() throws TenureOver {
        if (isOpen() || breaker.failures() > 0) {
            breaker.succeeded();
            ledger.state(tenure, LaneState.OK, "");
        }
    }

    /** Something failed that may pass later: the lane is DEGRADED until it does. */
    void afterFailure(String kind, String message, Throwable cause, Duration atLeast) throws TenureOver {
        breaker.failed();
        ledger.failed(tenure, kind, message, cause);
        if (isDown() && relief.getAsBoolean()) {
            ledger.log().yields(tenure.id(), breaker.failures(), message);
            tenure.stop();
            tenure.check();
        }
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
