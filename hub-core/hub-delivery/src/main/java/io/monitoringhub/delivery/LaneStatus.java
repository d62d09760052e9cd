package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A lane at one moment. Counters begin at zero when the hub starts.
 *
 * <p>Immutable.
 *
 * @param name the lane
 * @param state how it is
 * @param reason why, and what a person can do, one line; empty where all is well
 * @param since when it came into this state
 * @param backend whose turn it is, if anybody's
 * @param position the first entry that is neither delivered, nor a dead letter, nor somebody else's
 * @param committed the stored position: where it goes on after a crash
 * @param logEnd behind the last durable entry
 * @param lagBytes what the log holds from the frame with the entry at {@code position} to its end, whether the lane's routes select it or not
 * @param lag the age of the entry at {@code position}; zero when there is none
 * @param breaker {@code closed}, {@code open} or {@code half-open}
 * @param counters what happened so far
 * @param lastError the latest failure, if there was any
 * @param lastSwap the latest change from one instance to the next, if there was any
 */
public record LaneStatus(String name, LaneState state, String reason, Instant since, Optional<ComponentId> backend, long position,
        long committed, long logEnd, long lagBytes, Duration lag, String breaker, Counters counters, Optional<LastError> lastError,
        Optional<SwapReport> lastSwap) {

    /** How many durable entries are at or behind the position, whether the lane's routes select them or not. */
    public long lagEntries() {
        return Math.max(0, logEnd - position);
    }

    /**
     * What happened so far.
     *
     * @param writtenEntries entries that the backend took
     * @param writtenBytes bytes of their messages, with newlines
     * @param batches calls of {@code write} that took something
     * @param rejectedEntries entries that became dead letters
     * @param retriedEntries entries that were sent again because the backend asked for it
     * @param failures calls that failed; what is tried again is a failure and no loss
     * @param missingEntries entries that the log no longer had
     * @param unreadableEntries entries in chunks that this hub can't read
     * @param abandonedInstances instances that did not give their thread back
     */
    public record Counters(long writtenEntries, long writtenBytes, long batches, long rejectedEntries, long retriedEntries, long failures,
            long missingEntries, long unreadableEntries, long abandonedInstances) {
    }

    /** The latest failure. */
    public record LastError(Instant at, String message) {
    }
}
