package io.monitoringhub.log.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. Appends and truncation: used by one thread at a time. Reads and {@link #close}: thread-safe. */
public interface FilePort extends Closeable {

    /**
     * Writes at the file's end from the buffers' positions on, in one system call; may write less than everything.
     *
     * @return how many bytes were written
     */
    long append(ByteBuffer[] buffers, int count) throws IOException;

    /** Reads at a position without moving anything; -1 at the end. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Returns when the content, and the length needed to read it, are on disk (fdatasync). */
    void force() throws IOException;

    /** Cuts the file; the next append goes there. */
    void truncate(long size) throws IOException;

    /** How long the file is now. */
    long size() throws IOException;

    @Override
    void close() throws IOException;
}
