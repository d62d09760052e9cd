package io.monitoringhub.testkit;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * A batch made of messages. Its lines lie one after the other in memory; where offsets have a gap the memory has one too, so that
 * {@link #lines} needs more than one buffer, as in the hub.
 *
 * <p>Used by one thread at a time.
 */
public final class TestBatch implements Batch {

    private static final int GAP = 16;

    private final String logId;
    private final long[] offsets;
    private final List<TestMessage> messages;
    private final int[] starts;
    private final ByteBuffer memory;
    private final long bytes;
    private final int attempt;

    private TestBatch(String logId, long[] offsets, List<TestMessage> messages, int attempt) {
        this.logId = Objects.requireNonNull(logId, "logId");
        this.offsets = offsets.clone();
        this.messages = List.copyOf(messages);
        this.attempt = attempt;
        if (messages.isEmpty() || offsets.length != messages.size()) {
            throw new IllegalArgumentException("a batch needs at least one message and as many offsets, not " + messages.size()
                    + " and " + offsets.length);
        }
        starts = new int[offsets.length];
        int end = 0;
        long sum = 0;
        for (int i = 0; i < offsets.length; i++) {
            end += hasGapBefore(i) ? GAP : 0;
            starts[i] = end;
            end += length(i) + 1;
            sum += length(i) + 1;
        }
        bytes = sum;
        memory = ByteBuffer.allocateDirect(end);
        for (int i = 0; i < offsets.length; i++) {
            memory.position(starts[i]);
            memory.put(this.messages.get(i).body()).put((byte) '\n');
        }
    }

    /** Messages with offsets that follow each other. */
    public static TestBatch of(String logId, long firstOffset, List<TestMessage> messages) {
        return new TestBatch(logId, LongStream.range(firstOffset, firstOffset + messages.size()).toArray(), messages, 1);
    }

    /** Messages with these offsets, which must rise. */
    public static TestBatch of(String logId, long[] offsets, List<TestMessage> messages) {
        return new TestBatch(logId, offsets, messages, 1);
    }

    /** The same entries in memory of their own, as a later attempt. */
    public TestBatch again() {
        return new TestBatch(logId, offsets, messages, attempt + 1);
    }

    /** Does what the hub may do with the memory once the call that received the batch has returned: puts something else there. */
    public void overwriteMemory() {
        byte[] other = new byte[memory.capacity()];
        Arrays.fill(other, (byte) '#');
        memory.clear().put(other);
    }

    /** What it was made of. */
    public List<TestMessage> messages() {
        return messages;
    }

    /** The offset after the last entry's: what the lane passes to {@code flush}. */
    public long next() {
        return offsets[offsets.length - 1] + 1;
    }

    @Override
    public String logId() {
        return logId;
    }

    @Override
    public int size() {
        return offsets.length;
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
        return offsets[index];
    }

    @Override
    public String source(int index) {
        return messages.get(index).source();
    }

    @Override
    public MessageType type(int index) {
        return messages.get(index).type();
    }

    @Override
    public Optional<Level> level(int index) {
        return messages.get(index).level();
    }

    @Override
    public long timestamp(int index) {
        return messages.get(index).timestamp();
    }

    @Override
    public long receivedAt(int index) {
        return messages.get(index).receivedAt();
    }

    @Override
    public ByteBuffer message(int index) {
        return memory.asReadOnlyBuffer().limit(starts[index] + length(index)).position(starts[index]).slice();
    }

    @Override
    public int length(int index) {
        return messages.get(index).body().length;
    }

    @Override
    public void lines(int from, int to, Consumer<? super ByteBuffer> sink) {
        Objects.checkFromToIndex(from, to, offsets.length);
        int first = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || hasGapBefore(i)) {
                int end = starts[i - 1] + length(i - 1) + 1;
                sink.accept(memory.asReadOnlyBuffer().limit(end).position(starts[first]).slice());
                first = i;
            }
        }
    }

    private boolean hasGapBefore(int index) {
        return index > 0 && offsets[index] != offsets[index - 1] + 1;
    }

    @Override
    public String toString() {
        return "TestBatch[" + offsets[0] + " to " + offsets[offsets.length - 1] + ", " + size() + " entries]";
    }
}
