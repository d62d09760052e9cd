package io.monitoringhub.log;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * A durable, ordered, append-only sequence of entries that arrive in frames. Thread-safe.
 *
 * <p>Nothing here says files: a hub can run on another store that gives every entry an offset, keeps order, and remembers cursors.
 */
public interface Log extends AutoCloseable {

    /** The identity of this log for ever. With an entry's offset it names the entry for ever. */
    String id();

    /** The offset of the first entry that is still held. */
    long startOffset();

    /** The offset that the next appended entry will get. */
    long endOffset();

    /** Every entry below this offset satisfies the log's durability; readers see no further. */
    long durableOffset();

    /**
     * Appends one frame; never blocks. Frames are stored in the order of calls. The outcome comes through the frame's own callbacks, in
     * the same order, on the log's thread.
     *
     * @throws IllegalStateException when the log is closed
     */
    void append(Append frame);

    /** Bytes of frames that were given to {@link #append} and are not settled yet: what back-pressure is made from. */
    long pendingBytes();

    /** A reader that begins at an offset; at {@link #startOffset()} when that is higher. The caller closes it. */
    LogReader reader(long offset) throws IOException;

    /** The offset of the first held entry that was appended at this time or later, in Unix milliseconds; empty when there is none yet. */
    OptionalLong offsetAt(long unixMillis) throws IOException;

    /**
     * How many bytes the log holds from the frame with the entry at this offset to its durable end; all of them when the offset is below
     * {@link #startOffset()}. For people and metrics: exact to a whole frame, damaged stretches included, and cheap, however long the
     * backlog is. Where the frame can't be looked up just now, the answer is a little too high.
     */
    long bytesBehind(long offset);

    /** The stored positions of the log's consumers. */
    Cursors cursors();

    /** Figures for status and metrics. */
    LogStatistics statistics();

    /** Settles everything that was appended, then lets go. Idempotent. */
    @Override
    void close() throws IOException;
}
