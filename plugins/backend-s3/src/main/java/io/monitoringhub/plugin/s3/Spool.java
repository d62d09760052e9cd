package io.monitoringhub.plugin.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lines that wait for their object, in a file that has no name any more: whatever ends the hub, nothing stays behind. Not a
 * {@link java.nio.channels.FileChannel}, which an interrupt would close with all that is in it.
 *
 * <p>Used by one thread at a time.
 */
final class Spool implements AutoCloseable {

    private static final int BUFFER = 1 << 17;

    private final RandomAccessFile file;
    private byte[] buffer = new byte[BUFFER];
    private int buffered;
    private long written;

    private Spool(RandomAccessFile file) {
        this.file = file;
    }

    /** A new one in this folder. */
    static Spool in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path path = Files.createTempFile(folder, ".s3-", ".spool");
        try {
            return new Spool(new RandomAccessFile(path.toFile(), "rw"));
        } finally {
            Files.delete(path);
        }
    }

    /** Appends a message and a newline; returns where it begins. If it throws, nothing was appended. */
    long append(ByteBuffer message) throws IOException {
        int length = message.remaining() + 1;
        if (buffered + length > buffer.length) {
            drain();
            if (length > buffer.length) {
                buffer = new byte[length];
            }
        }
        message.get(buffer, buffered, length - 1);
        buffer[buffered + length - 1] = '\n';
        long at = written + buffered;
        buffered += length;
        return at;
    }

    /** Also where a disk that was full in between has taken a part: it is written over. */
    private void drain() throws IOException {
        file.seek(written);
        file.write(buffer, 0, buffered);
        written += buffered;
        buffered = 0;
    }

    /** Copies what was appended at these places, in their order. */
    void copy(Runs runs, OutputStream out) throws IOException {
        drain();
        byte[] block = new byte[BUFFER];
        for (int i = 0; i < runs.count(); i++) {
            file.seek(runs.position(i));
            long left = runs.length(i);
            while (left > 0) {
                int read = file.read(block, 0, (int) Math.min(left, block.length));
                if (read < 0) {
                    throw new EOFException("the spool ends " + left + " bytes before a run does");
                }
                out.write(block, 0, read);
                left -= read;
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
