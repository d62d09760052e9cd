package io.monitoringhub.delivery;

import java.time.Duration;

/**
 * How a backend instance went.
 *
 * @param manner how
 * @param committed the lane's stored position afterwards
 * @param position the first entry that was not delivered; above {@code committed} where a flush failed, so that some come again
 * @param took how long the caller was kept
 */
public record Detachment(Manner manner, long committed, long position, Duration took) {

    /** How an instance goes. */
    public enum Manner {
        /** It was never attached, or not any more. */
        UNKNOWN,
        /** It was not delivering. */
        IDLE,
        /** It finished by itself. */
        FINISHED,
        /** It finished after an interrupt. */
        INTERRUPTED,
        /** It did not give its thread back and is on its own now: nothing it does reaches the lane any more. */
        ABANDONED
    }
}
