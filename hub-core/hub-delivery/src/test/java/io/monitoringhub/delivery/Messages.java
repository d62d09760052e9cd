package io.monitoringhub.delivery;

import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/** Appends messages that tell their own offset: {@code {"n":17}}. */
final class Messages {

    private final ChunkBuilder builder = new ChunkBuilder();
    private final MemoryLog log;
    private final BitSet wanted = new BitSet();
    private long clock = 1_000;

    Messages(MemoryLog log) {
        this.log = log;
    }

    /** One frame of this many events of one source. */
    void append(String source, int count) {
        append(source, MessageType.EVENT, 1, count);
    }

    /** One frame; level -1 for none. */
    synchronized void append(String source, MessageType type, int level, int count) {
        appendMixed(count, new String[] {source}, type, level);
    }

    /** One frame whose entries take turns among the sources. */
    synchronized void appendMixed(int count, String[] sources, MessageType type, int level) {
        long base = log.endOffset();
        builder.reset();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            int from = text.length();
            text.append("{\"n\":").append(base + i).append('}');
            builder.add(from, text.length(), sources[i % sources.length], type, level, clock, false, false);
            text.append('\n');
            wanted.set((int) base + i, sources[i % sources.length].equals("wanted"));
        }
        ByteBuffer payload = ByteBuffer.allocate(builder.encodedBytes());
        builder.encode(text.toString().getBytes(StandardCharsets.UTF_8), payload);
        log.append(payload.flip(), count, clock++);
    }

    /** Tells whether the entry's source is called {@code wanted}. */
    synchronized boolean isWanted(long offset) {
        return wanted.get((int) offset);
    }

    /** The offset that a message tells. */
    static long offsetIn(String message) {
        return Long.parseLong(message.substring(5, message.indexOf('}')));
    }
}
