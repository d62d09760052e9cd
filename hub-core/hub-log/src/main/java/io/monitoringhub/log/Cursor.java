package io.monitoringhub.log;

import java.io.IOException;

/** A consumer's durable position in the log. It belongs to a name, not to a process or a bundle. Thread-safe. */
public interface Cursor {

    /** Whose it is. */
    String name();

    /** The offset of the first entry that is not known to be delivered. */
    long position();

    /** What was stored with the position; empty at first. The array is the caller's. */
    byte[] state();

    /**
     * Stores position and state atomically; durable when it returns.
     *
     * @throws IllegalArgumentException when the position is lower than the stored one or higher than the log's durable offset
     */
    void commit(long next, byte[] state) throws IOException;

    /** Sets the position anywhere within the log and clears nothing else: replay. */
    void move(long next) throws IOException;
}
