package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.Backend;

/** An instance's place in a lane's row. Used under the lane's lock. */
final class Slot {

    private final ComponentId id;
    private final Backend backend;
    private String failure = "";
    /** The latest tenure whose thread may be inside the plugin; null when there is none. */
    private Tenure last;
    /** How long it stands back after its turn; zero before it ever had to. */
    private long standBackNanos;
    private long restsUntil;
    private boolean isResting;

    Slot(ComponentId id, Backend backend) {
        this.id = id;
        this.backend = backend;
    }

    ComponentId id() {
        return id;
    }

    Backend backend() {
        return backend;
    }

    /** Why it has no turn any more; empty while it can have one. */
    String failure() {
        return failure;
    }

    boolean hasFailed() {
        return !failure.isEmpty();
    }

    void fail(String why) {
        failure = why;
    }

    /** Its turn is over. If it could not deliver, somebody else may, for a while that grows when that happens soon again. */
    void ended(boolean isDown, long now, long turnNanos, long leastNanos, int most) {
        if (!isDown) {
            isResting = isResting && turnNanos < standBackNanos;
            return;
        }
        boolean isSoonAgain = standBackNanos > 0 && turnNanos < standBackNanos;
        standBackNanos = isSoonAgain ? Math.min(standBackNanos * 2, leastNanos * most) : leastNanos;
        restsUntil = now + standBackNanos;
        isResting = true;
    }

    boolean isResting(long now) {
        return isResting && restsUntil - now > 0;
    }

    /** It had to stand back since it was attached or tried again by hand: its next turn is a probe. */
    boolean isOnProbation() {
        return isResting;
    }

    /** A person wants it tried at once. */
    void stepForward() {
        isResting = false;
        standBackNanos = 0;
    }

    void entered(Tenure tenure) {
        last = tenure;
    }

    /** The thread of this tenure has left the plugin for good. */
    void released(Tenure tenure) {
        if (last == tenure) {
            last = null;
        }
    }

    /** Lets a failed instance try again, unless a thread of it is still inside the plugin. */
    boolean revive() {
        if (!hasFailed() || last != null && !last.isDone()) {
            return false;
        }
        failure = "";
        return true;
    }
}
