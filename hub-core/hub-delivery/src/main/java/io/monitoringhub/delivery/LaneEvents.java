package io.monitoringhub.delivery;

/**
 * Hears what is worth telling about lanes. Called on the lanes' threads, sometimes with locks held: must be quick, must not call the lane
 * back, must not throw. The lane writes its log by itself.
 */
public interface LaneEvents {

    /** Hears nothing. */
    LaneEvents NONE = new LaneEvents() { };

    /** The lane's state or its reason changed. */
    default void changed(String lane, LaneState from, LaneState to, String reason) {
    }

    /** Entries became dead letters. */
    default void rejected(String lane, String reason, int entries) {
    }

    /** A call of the backend failed and will be tried again, or not. */
    default void failed(String lane, String kind, String message) {
    }

    /** A batch was taken. */
    default void written(String lane, int entries, long bytes, long nanos) {
    }

    /** A new instance delivered for the first time after another. */
    default void swapped(SwapReport report) {
    }
}
