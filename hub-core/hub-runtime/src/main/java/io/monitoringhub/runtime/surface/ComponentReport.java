package io.monitoringhub.runtime.surface;

import java.time.Instant;

/**
 * How one part of the hub is. Immutable.
 *
 * @param component which, as in the log: {@code log}, {@code transport:tcp/tcp}, {@code lane archive}, {@code plugin backend-s3.jar}
 * @param state in its own words: {@code OK}, {@code FAILED}, …
 * @param verdict what that means for the hub as a whole
 * @param reason why, and what a person can do; empty where all is well
 * @param since when it came into this state
 */
record ComponentReport(String component, String state, Verdict verdict, String reason, Instant since) {

    /** What a part means for the whole, from good to bad. */
    enum Verdict {
        /** Nothing to do. */
        OK,
        /** Somebody should look; the hub goes on to take messages, and nothing is lost. */
        DEGRADED,
        /** The hub can't do its work: send messages elsewhere, or let clients wait. */
        UNREADY
    }
}
