package io.monitoringhub.ingest;

import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Append;
import io.monitoringhub.log.Cursors;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/** A log that makes nothing durable until the test says so. */
final class HeldLog implements Log {

    private final Deque<Append> held = new ArrayDeque<>();
    private final List<String> stored = new ArrayList<>();
    private final List<Chunk> chunks = new ArrayList<>();
    private long next;

    @Override
    public synchronized void append(Append frame) {
        held.add(frame);
    }

    /** Makes everything durable that waits. */
    void settleAll() {
        while (settleNext()) {
            // one after another, as a log does
        }
    }

    synchronized boolean settleNext() {
        Append frame = held.poll();
        if (frame == null) {
            return false;
        }
        try {
            ByteBuffer copy = ByteBuffer.allocate(frame.payload().remaining()).put(frame.payload().duplicate()).flip();
            Chunk chunk = Chunk.of(copy, new SourceNames());
            chunks.add(chunk);
            if (chunk.count() != frame.count()) {
                throw new AssertionError("frame says " + frame.count() + " entries, chunk holds " + chunk.count());
            }
            for (int i = 0; i < chunk.count(); i++) {
                stored.add(StandardCharsets.UTF_8.decode(chunk.message(i)).toString());
            }
        } catch (ChunkFormatException e) {
            throw new AssertionError(e);
        }
        frame.durable(next);
        next += frame.count();
        return true;
    }

    synchronized void failNext() {
        held.remove().failed(new IOException("disk on fire"));
    }

    /** The messages that are durable, in order. */
    synchronized List<String> stored() {
        return List.copyOf(stored);
    }

    synchronized List<Chunk> chunks() {
        return List.copyOf(chunks);
    }

    synchronized int heldFrames() {
        return held.size();
    }

    @Override
    public String id() {
        return "held";
    }

    @Override
    public long startOffset() {
        return 0;
    }

    @Override
    public long endOffset() {
        return next;
    }

    @Override
    public long durableOffset() {
        return next;
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public LogReader reader(long offset) {
        throw new UnsupportedOperationException("ingest does not read");
    }

    @Override
    public OptionalLong offsetAt(long unixMillis) {
        throw new UnsupportedOperationException("ingest does not read");
    }

    @Override
    public long bytesBehind(long offset) {
        throw new UnsupportedOperationException("ingest does not read");
    }

    @Override
    public Cursors cursors() {
        throw new UnsupportedOperationException("ingest has no cursor");
    }

    @Override
    public LogStatistics statistics() {
        throw new UnsupportedOperationException("ingest shows its own figures");
    }

    @Override
    public void close() {
        settleAll();
    }
}
