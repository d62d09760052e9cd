package io.monitoringhub.delivery;

/** How a lane is. */
public enum LaneState {
    /** No backend is there; entries wait in the log. */
    WAITING,
    /** A backend is being opened. */
    STARTING,
    /** Delivers, or has nothing to deliver. */
    OK,
    /** Something failed and is tried again by itself. */
    DEGRADED,
    /** Nothing is tried until a new configuration, a new bundle or a retry command. Entries wait in the log. */
    FAILED,
    /** The backend is letting go. */
    STOPPING,
    /** Somebody paused the lane. */
    PAUSED,
    /** The hub has let go of the lane. */
    CLOSED
}
