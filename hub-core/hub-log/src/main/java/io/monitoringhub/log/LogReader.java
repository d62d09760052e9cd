package io.monitoringhub.log;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Reads durable frames in order. Used by one thread at a time, but for {@link #wakeUp}. */
public interface LogReader extends AutoCloseable {

    /** The offset of the next entry that {@link #read} returns, if it still exists by then. */
    long position();

    /** Goes to another offset; to the log's start when that is higher. The next frame read holds that entry unless it is missing. */
    void seek(long offset);

    /**
     * Reads whole frames from the position on and moves the position behind them. The first frame can begin before the position: skip
     * its first entries. A frame that begins after the position means that the entries in between are gone, by retention or by corruption.
     *
     * @param maxBytes most bytes of payload; one frame is returned even when it is larger
     * @return the frames; empty when there is none yet. Their payloads are valid until the next call of any method but {@link #wakeUp}
     */
    List<Frame> read(int maxBytes) throws IOException;

    /**
     * Waits until an entry at or after the position is durable.
     *
     * @return whether there is one; {@code false} after the time limit or a {@link #wakeUp}
     */
    boolean await(Duration limit) throws InterruptedException;

    /** Ends an {@link #await} that is under way, or else the next one. From any thread. */
    void wakeUp();

    @Override
    void close();
}
