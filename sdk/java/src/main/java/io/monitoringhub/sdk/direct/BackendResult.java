package io.monitoringhub.sdk.direct;

/**
 * What one backend has done so far. Immutable.
 *
 * @param state how it is
 * @param delivered messages that it has
 * @param rejected messages that it will never take
 * @param waiting messages in memory for it
 * @param dropped messages that are lost to it: its queue was full, or the program ended
 * @param batches writes that went well
 * @param failures writes that did not
 * @param lastError what went wrong last, {@code ""} if nothing
 */
public record BackendResult(State state, long delivered, long rejected, int waiting, long dropped, long batches, long failures, String lastError) {

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
