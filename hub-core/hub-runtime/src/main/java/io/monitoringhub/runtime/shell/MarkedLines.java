package io.monitoringhub.runtime.shell;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Turns a stream of bytes into whole lines, each with a mark in front, so that output, errors and the exit status can share one socket.
 *
 * <p>Thread-safe.
 */
final class MarkedLines extends OutputStream {

    /** Where finished lines go. */
    interface Sink {
        void accept(ByteBuffer line) throws IOException;
    }

    private static final int MAX_LINE_BYTES = 64 * 1024;

    private final Object lock = new Object();
    private final byte mark;
    private final Sink sink;
    private byte[] line = new byte[256];
    private int length;

    MarkedLines(char mark, Sink sink) {
        this.mark = (byte) mark;
        this.sink = sink;
        begin();
    }

    @Override
    public void write(int b) throws IOException {
        synchronized (lock) {
            append((byte) b);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        synchronized (lock) {
            for (int i = offset; i < offset + count; i++) {
                append(bytes[i]);
            }
        }
    }

    /** Ends a line that a command left unfinished. */
    void finishLine() throws IOException {
        synchronized (lock) {
            if (length > 1) {
                append((byte) '\n');
            }
        }
    }

    @Override
    public void close() throws IOException {
        finishLine();
    }

    private void append(byte b) throws IOException {
        put(b);
        if (b == '\n') {
            emit();
        } else if (length >= MAX_LINE_BYTES) {
            put((byte) '\n');
            emit();
        }
    }

    private void put(byte b) {
        if (length == line.length) {
            line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = b;
    }

    private void emit() throws IOException {
        ByteBuffer whole = ByteBuffer.wrap(line, 0, length).slice();
        try {
            sink.accept(whole);
        } finally {
            begin();
        }
    }

    private void begin() {
        length = 0;
        line[length++] = mark;
    }
}
