package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a person should know about a log as it happens; the owner decides how to say it. Called from any of the log's threads and its
 * callers'; must be thread-safe, quick, and must not call the log. Each method does nothing unless overridden.
 */
public interface LogEvents {

    /** Something unfinished stood at the end of the newest segment, as after a crash in the middle of a write, and was cut off. */
    default void tornTailCut(Path segment, long position, long bytes) {
    }

    /**
     * A stretch of a segment is damaged; readers go on behind it. Once per stretch and opening of the log.
     *
     * @param firstLost the first offset that is lost
     * @param next the offset of the first entry behind; equal to {@code firstLost} when no entry is lost
     * @param copy where the damaged bytes were put
     */
    default void quarantined(Path segment, long position, long bytes, long firstLost, long next, Path copy) {
    }

    /** The damaged bytes of a stretch could not be put aside; readers go on behind it all the same. */
    default void quarantineFailed(Path segment, long position, long bytes, IOException cause) {
    }

    /** A segment's header is unreadable; its base offset was taken from its name and its frames. */
    default void headerDamaged(Path segment) {
    }

    /** Offsets that the log does not hold although it should: a segment is shorter than the next one says, or newer data is gone. */
    default void entriesMissing(long first, long next, String reason) {
    }

    /** The file with the log's identity was missing or unreadable and was written anew. */
    default void identityRestored(String id, String from) {
    }

    /** Something in the folder is not the log's; it is left alone. */
    default void foreignFile(Path file, String reason) {
    }

    /** An unfinished file of a crashed process was removed. */
    default void leftoverRemoved(Path file) {
    }

    /** Retention removed a segment with the entries from {@code first} to before {@code next}. */
    default void segmentDeleted(Path segment, long first, long next, String reason) {
    }

    /** A segment that is not needed could not be removed; it is tried again. */
    default void deletionFailed(Path segment, IOException cause) {
    }

    /** Retention removed entries that this cursor had not passed. */
    default void entriesDropped(String cursor, long first, long next) {
    }

    /** The log takes no entries for now; it tries again by itself. Once per change of reason. */
    default void blocked(String reason, IOException cause) {
    }

    /** The log takes entries again. */
    default void unblocked(String reason) {
    }

    /** A cursor's file is unreadable and was set aside. Retention waits for its owner to open or drop it. */
    default void cursorUnreadable(String cursor, Path setAside, IOException cause) {
    }

    /** A callback of an {@link io.monitoringhub.log.Append} threw: a bug in its owner; the log goes on. */
    default void callbackFailed(RuntimeException cause) {
    }

    /** The log's thread died: a bug. Nothing is appended any more. */
    default void writerDied(Throwable cause) {
    }

    /** Events that nobody wants. */
    static LogEvents none() {
        return new LogEvents() {
        };
    }
}
