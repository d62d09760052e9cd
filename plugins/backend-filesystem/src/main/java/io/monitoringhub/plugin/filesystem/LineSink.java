package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;

/**
 * Appends lines to one file after the other. Large buffers go to the file as they are, small ones are gathered first, so that neither many
 * bytes are copied nor many small writes made.
 *
 * <p>Used by one thread at a time.
 */
final class LineSink implements Consumer<ByteBuffer> {

    private static final int STAGE = 256 << 10;
    /** From here on a system call costs less than a copy. */
    private static final int LARGE = 32 << 10;
    /** The JDK copies a heap buffer into a direct one of the same size and keeps that. */
    private static final int MOST_AT_ONCE = 1 << 20;

    private final ByteBuffer stage = ByteBuffer.allocateDirect(STAGE);
    private FileChannel channel;
    private long position;

    void begin(FileChannel file, long from) {
        channel = file;
        position = from;
        stage.clear();
    }

    void endLine() {
        stage.put((byte) '\n');
    }

    @Override
    public void accept(ByteBuffer lines) {
        int count = lines.remaining();
        try {
            if (count >= LARGE) {
                drain();
                write(lines);
                return;
            }
            if (count > stage.remaining()) {
                drain();
            }
            stage.put(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes what is left and returns where the file ends. */
    long end() throws IOException {
        drain();
        channel = null;
        return position;
    }

    private void drain() throws IOException {
        if (stage.position() > 0) {
            stage.flip();
            write(stage);
            stage.clear();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(bytes.isDirect() ? end : Math.min(end, bytes.position() + MOST_AT_ONCE));
            position += channel.write(bytes, position);
        }
    }
}
