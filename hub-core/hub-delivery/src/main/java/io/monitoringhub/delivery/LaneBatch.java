package io.monitoringhub.delivery;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A stretch of a window's entries. One object a lane, pointed at one stretch after another.
 *
 * <p>Used by one thread at a time.
 */
final class LaneBatch implements Batch {

    private final String logId;
    private final Window window;
    private int from;
    private int size;
    private long bytes;
    private int attempt;

    LaneBatch(String logId, Window window) {
        this.logId = logId;
        this.window = window;
    }

    /** Points at the window's entries {@code from} to below {@code to}. */
    LaneBatch over(int from, int to, int attempt) {
        this.from = from;
        this.size = to - from;
        this.attempt = attempt;
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum += length(i) + 1;
        }
        bytes = sum;
        return this;
    }

    @Override
    public String logId() {
        return logId;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public long offset(int index) {
        return window.offset(at(index));
    }

    @Override
    public String source(int index) {
        long entry = at(index);
        return window.chunk(entry).source((int) entry);
    }

    @Override
    public MessageType type(int index) {
        long entry = at(index);
        return window.chunk(entry).type((int) entry);
    }

    @Override
    public Optional<Level> level(int index) {
        long entry = at(index);
        return window.chunk(entry).level((int) entry);
    }

    @Override
    public long timestamp(int index) {
        long entry = at(index);
        return window.chunk(entry).timestamp((int) entry);
    }

    @Override
    public long receivedAt(int index) {
        return window.appendedAt(at(index));
    }

    @Override
    public ByteBuffer message(int index) {
        long entry = at(index);
        return window.chunk(entry).message((int) entry);
    }

    @Override
    public int length(int index) {
        long entry = at(index);
        Chunk chunk = window.chunk(entry);
        return chunk.end((int) entry) - chunk.start((int) entry) - 1;
    }

    /** Entries that follow each other in one chunk have numbers that follow each other, and lie in one piece. */
    @Override
    public void lines(int first, int behind, Consumer<? super ByteBuffer> sink) {
        Objects.checkFromToIndex(first, behind, size);
        long[] entries = window.entries();
        int i = from + first;
        int end = from + behind;
        while (i < end) {
            long start = entries[i];
            long next = start + 1;
            i++;
            while (i < end && entries[i] == next) {
                next++;
                i++;
            }
            sink.accept(window.chunk(start).lines((int) start, (int) next));
        }
    }

    private long at(int index) {
        return window.entries()[from + Objects.checkIndex(index, size)];
    }
}
