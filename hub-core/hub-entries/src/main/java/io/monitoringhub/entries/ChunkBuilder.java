package io.monitoringhub.entries;

import static io.monitoringhub.entries.ChunkFormat.CLIENT_BYTES;
import static io.monitoringhub.entries.ChunkFormat.FLAG_CLIENT;
import static io.monitoringhub.entries.ChunkFormat.HEADER_BYTES;
import static io.monitoringhub.entries.ChunkFormat.INDEX_ENTRY_BYTES;
import static io.monitoringhub.entries.ChunkFormat.MARK_CLOCK;
import static io.monitoringhub.entries.ChunkFormat.MARK_TRACE;
import static io.monitoringhub.entries.ChunkFormat.MAX_SOURCES;
import static io.monitoringhub.entries.ChunkFormat.VERSION;

import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Collects where messages lie in an array of bytes and writes them as one chunk. Reused: after the first chunks it allocates nothing
 * but for new sources.
 *
 * <p>Used by one thread at a time.
 */
public final class ChunkBuilder {

    /** Up to here comparing one by one is faster than hashing. */
    private static final int FEW_SOURCES = 16;

    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private long[] timestamps = new long[1024];
    private int[] tags = new int[1024];
    private int count;
    private int messageBytes;

    private String[] sources = new String[16];
    private byte[][] sourceBytes = new byte[16][];
    private final Map<String, Integer> numbers = new HashMap<>();
    private int sourceCount;
    private int sourceLength;
    private int lastSource;

    private UUID client;
    private long lastNumber;

    /** Forgets what was collected. */
    public void reset() {
        count = 0;
        messageBytes = 0;
        sourceCount = 0;
        sourceLength = 0;
        lastSource = 0;
        client = null;
        Arrays.fill(sources, null);
        numbers.clear();
    }

    /** How many messages were collected. */
    public int count() {
        return count;
    }

    /** The collected messages' bytes, newlines included. */
    public int messageBytes() {
        return messageBytes;
    }

    /** Tells whether another message with this source still fits into the chunk. */
    public boolean accepts(String source) {
        return sourceCount < MAX_SOURCES || indexOf(source) >= 0;
    }

    /**
     * Collects one message.
     *
     * @param from where its bytes begin in the array that {@link #encode} will be given
     * @param to behind its last byte, which is no newline
     * @param level {@code 0} for debug to {@code 4} for fatal, {@code -1} for none
     * @param traced whether it names a trace
     * @param clockOff whether its time stamp is far from the hub's time
     */
    public void add(int from, int to, String source, MessageType type, int level, long timestamp, boolean traced, boolean clockOff) {
        if (count == this.from.length) {
            grow();
        }
        int marks = level + 1 | (traced ? MARK_TRACE : 0) | (clockOff ? MARK_CLOCK : 0);
        this.from[count] = from;
        this.to[count] = to;
        timestamps[count] = timestamp;
        tags[count] = sourceNumber(source) << 16 | type.ordinal() << 8 | marks;
        count++;
        messageBytes += to - from + 1;
    }

    /** Says whose acknowledged session the messages belong to, and the number of the last line that this chunk settles. */
    public void settle(UUID client, long lastNumber) {
        this.client = client;
        this.lastNumber = lastNumber;
    }

    /** The size in bytes of the chunk that {@link #encode} will write. */
    public int encodedBytes() {
        return messagesPosition() + messageBytes;
    }

    /**
     * Writes the chunk at the target's position and moves it.
     *
     * @param bytes where the collected messages lie
     * @param target with at least {@link #encodedBytes()} remaining, big-endian
     */
    public void encode(byte[] bytes, ByteBuffer target) {
        target.put(VERSION).put((byte) (client == null ? 0 : FLAG_CLIENT)).putShort((short) sourceCount);
        target.putInt(count).putInt(messagesPosition());
        if (client != null) {
            target.putLong(client.getMostSignificantBits()).putLong(client.getLeastSignificantBits()).putLong(lastNumber);
        }
        for (int i = 0; i < sourceCount; i++) {
            target.putShort((short) sourceBytes[i].length).put(sourceBytes[i]);
        }
        int end = 0;
        for (int i = 0; i < count; i++) {
            end += to[i] - from[i] + 1;
            target.putInt(end).putInt(tags[i]).putLong(timestamps[i]);
        }
        putMessages(bytes, target);
    }

    /** Messages that lie one newline apart are copied as one run. */
    private void putMessages(byte[] bytes, ByteBuffer target) {
        int i = 0;
        while (i < count) {
            int runFrom = from[i];
            int runTo = to[i++];
            while (i < count && from[i] == runTo + 1 && bytes[runTo] == '\n') {
                runTo = to[i++];
            }
            target.put(bytes, runFrom, runTo - runFrom).put((byte) '\n');
        }
    }

    private int messagesPosition() {
        return HEADER_BYTES + (client == null ? 0 : CLIENT_BYTES) + 2 * sourceCount + sourceLength + INDEX_ENTRY_BYTES * count;
    }

    private int sourceNumber(String source) {
        if (lastSource < sourceCount && sources[lastSource] == source) {
            return lastSource;
        }
        int number = indexOf(source);
        if (number < 0) {
            number = addSource(source);
        }
        lastSource = number;
        return number;
    }

    private int indexOf(String source) {
        if (sourceCount > FEW_SOURCES) {
            return numbers.getOrDefault(source, -1);
        }
        for (int i = 0; i < sourceCount; i++) {
            if (sources[i] == source) {
                return i;
            }
        }
        for (int i = 0; i < sourceCount; i++) {
            if (sources[i].equals(source)) {
                return i;
            }
        }
        return -1;
    }

    private int addSource(String source) {
        if (sourceCount == MAX_SOURCES) {
            throw new IllegalStateException("a chunk holds at most " + MAX_SOURCES + " sources");
        }
        if (sourceCount == sources.length) {
            sources = Arrays.copyOf(sources, sourceCount * 2);
            sourceBytes = Arrays.copyOf(sourceBytes, sourceCount * 2);
        }
        byte[] encoded = source.getBytes(StandardCharsets.UTF_8);
        sources[sourceCount] = source;
        sourceBytes[sourceCount] = encoded;
        sourceLength += encoded.length;
        numbers.put(source, sourceCount);
        return sourceCount++;
    }

    private void grow() {
        int size = count * 2;
        from = Arrays.copyOf(from, size);
        to = Arrays.copyOf(to, size);
        timestamps = Arrays.copyOf(timestamps, size);
        tags = Arrays.copyOf(tags, size);
    }
}
