package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * What a tenure does between two attempts: counts, tells, waits. Joins breaker, back-off, budget and the lane's state. Where somebody else can
 * deliver instead, an open breaker is the end of the tenure.
 *
 * <p>Used by the tenure's thread, but for {@link #breakerWord}, {@link #isOpen} and {@link #isDown}.
 */
final class Pauses {

    private final Tenure tenure;
    private final Ledger ledger;
    private final Breaker breaker;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final LaneSettings.Retry retry;
    private final BooleanSupplier relief;
    /** Why a destination that takes something is slowed down all the same; empty while it is not. */
    private String brake = "";

    /** @param relief whether somebody else could deliver instead; asked without any lock */
    Pauses(Tenure tenure, Ledger ledger, Breaker breaker, LaneSettings.Retry retry, RandomGenerator random, BooleanSupplier relief) {
        this.relief = relief;
        this.tenure = tenure;
        this.ledger = ledger;
        this.breaker = breaker;
        this.retry = retry;
        backoff = new Backoff(retry.base(), retry.max(), random);
        budget = new RetryBudget(retry.budgetPercent(), ledger::nanos);
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

    /** A part of a call of {@code write} was taken, from more than nothing to 1, all of it. */
    void taken(double part) throws TenureOver {
        budget.earn(part);
        succeeded();
    }

    void succeeded() throws TenureOver {
        boolean isReleased = !brake.isEmpty() && !budget.isShort();
        if (isReleased) {
            brake = "";
        }
        if (isReleased || isOpen() || breaker.failures() > 0) {
            breaker.succeeded();
            ledger.state(tenure, brake.isEmpty() ? LaneState.OK : LaneState.DEGRADED, brake);
        }
    }

    /** Everything is delivered: nothing is left that could be slow. */
    void idle() throws TenureOver {
        if (!brake.isEmpty()) {
            brake = "";
            ledger.state(tenure, LaneState.OK, "");
        }
    }

    /** A call of {@code write} will be repeated as a whole. */
    void afterFailedWrite(String kind, String message, Throwable cause, Duration atLeast) throws TenureOver {
        budget.spend(1);
        afterFailure(kind, message, cause, atLeast);
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
        long pause = Math.max(backoff.pauseNanos(breaker.failures(), atLeast), budgetNanos());
        ledger.state(tenure, LaneState.DEGRADED, message + " (tried again by itself, after " + breaker.failures()
                + " failures in a row in " + Duration.ofNanos(pause).toMillis() + " ms)");
        tenure.pause(pause);
        breaker.pauseOver();
    }

    /** Part of a batch was taken: the destination is busy, not down. */
    void afterProgress(double partToRepeat, String message) throws TenureOver {
        budget.spend(partToRepeat);
        if (budget.isShort() && brake.isEmpty()) {
            brake = message + ". More than " + retry.budgetPercent() + " % of the calls are repetitions (retry.budget): the lane waits"
                    + " before each";
            ledger.state(tenure, LaneState.DEGRADED, brake);
        }
        tenure.pause(Math.max(backoff.pauseNanos(1, Duration.ZERO), budgetNanos()));
    }

    private long budgetNanos() {
        return Math.min(budget.waitNanos(), retry.max().toNanos());
    }
}
