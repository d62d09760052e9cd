package io.monitoringhub.delivery;

/**
 * Counts failures in a row and says when to stop trying at full size.
 *
 * <pre>
 *            N failures                 pause is over
 *  CLOSED ---------------&gt; OPEN ----------------------&gt; HALF_OPEN
 *    ^                       ^                              |  |
 *    |                       +------------ failure ---------+  |
 *    +--------------------------- success --------------------+
 * </pre>
 *
 * <p>The lane has one thread and pauses after every failure anyway; what the breaker adds is that a destination that has been down is
 * asked again with one small batch, and that everybody can see it.
 *
 * <p>Used by one thread at a time, but for {@link #state} and {@link #failures}.
 */
final class Breaker {

    /** Where a breaker is. */
    enum State { CLOSED, OPEN, HALF_OPEN }

    private final int after;
    private volatile int failures;
    private volatile State state = State.CLOSED;

    /** @param after failures in a row that open it, at least 1 */
    Breaker(int after) {
        this.after = after;
    }

    /** One that begins half-open, for a destination that has been down lately. */
    static Breaker halfOpen(int after) {
        Breaker breaker = new Breaker(after);
        breaker.state = State.HALF_OPEN;
        return breaker;
    }

    State state() {
        return state;
    }

    /** Failures since the last success. */
    int failures() {
        return failures;
    }

    void succeeded() {
        failures = 0;
        state = State.CLOSED;
    }

    void failed() {
        int now = failures + 1;
        failures = now;
        if (state == State.HALF_OPEN || now >= after) {
            state = State.OPEN;
        }
    }

    /** The pause after a failure is over: the next call is the probe if the breaker was open. */
    void pauseOver() {
        if (state == State.OPEN) {
            state = State.HALF_OPEN;
        }
    }
}
