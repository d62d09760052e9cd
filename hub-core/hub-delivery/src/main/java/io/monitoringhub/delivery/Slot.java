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
