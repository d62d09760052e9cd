package io.monitoringhub.sdk.direct;

import java.time.Instant;
import java.util.Optional;

/**
 * What one backend has done so far. Those of a failover group share what waits, was spooled and is dropped. Immutable.
 *
 * @param state how it is
 * @param delivered messages that it has, those of earlier processes included
 * @param rejected messages that it will never take
 * @param waiting messages in memory for it
 * @param spooled messages that were put into the spool for it
 * @param dropped messages that are lost to it: neither queue nor spool could take them
 * @param batches writes that went well
 * @param failures writes that did not
 * @param lastError what went wrong last, {@code ""} if nothing
 * @param lastSuccess when it took something last
 */
public record BackendResult(State state, long delivered, long rejected, int waiting, long spooled, long dropped, long batches, long failures,
        String lastError, Optional<Instant> lastSuccess) {

    /** How a backend is. */
    public enum State {
        /** Nothing was written yet. */
        WAITING,
        /** The last write went well. */
        OK,
        /** It failed, and is tried again. */
        RETRYING,
        /** A person must act. */
        FAILED
    }
}
