package io.monitoringhub.entries;

import static io.monitoringhub.entries.ChunkFormat.CLIENT_BYTES;
import static io.monitoringhub.entries.ChunkFormat.FLAG_CLIENT;
import static io.monitoringhub.entries.ChunkFormat.HEADER_BYTES;
import static io.monitoringhub.entries.ChunkFormat.INDEX_ENTRY_BYTES;
import static io.monitoringhub.entries.ChunkFormat.MARK_CLOCK;
import static io.monitoringhub.entries.ChunkFormat.MARK_LEVEL_MASK;
import static io.monitoringhub.entries.ChunkFormat.MARK_TRACE;
import static io.monitoringhub.entries.ChunkFormat.VERSION;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A view of the messages in one log frame. Creates nothing per entry.
 *
 * <p>Used by one thread at a time; valid as long as the bytes below it.
 */
public final class Chunk {

    private static final Optional<?>[] LEVELS = {Optional.empty(), Optional.of(Level.DEBUG), Optional.of(Level.INFO),
        Optional.of(Level.WARN), Optional.of(Level.ERROR), Optional.of(Level.FATAL)};

    private final ByteBuffer bytes;
    private final int count;
    private final int index;
    private final int messages;
    private final String[] sources;
    private final Optional<ClientMark> client;

    private Chunk(ByteBuffer bytes, int count, int index, int messages, String[] sources, Optional<ClientMark> client) {
        this.bytes = bytes;
        this.count = count;
        this.index = index;
        this.messages = messages;
        this.sources = sources;
        this.client = client;
    }

    /**
     * Looks at a frame's payload.
     *
     * @param payload from position to limit; neither is moved
     * @param names makes equal sources the same object
     * @throws ChunkFormatException when this is no chunk of a version that this hub knows; the frame's checksum was right, so a newer hub
     *         or another program wrote it
     */
    public static Chunk of(ByteBuffer payload, SourceNames names) throws ChunkFormatException {
        ByteBuffer bytes = payload.slice();
        try {
            return parse(bytes, names);
        } catch (BufferUnderflowException | IndexOutOfBoundsException tooShort) {
            throw new ChunkFormatException("a chunk of " + bytes.limit() + " bytes ends before its index does", tooShort);
        }
    }

    private static Chunk parse(ByteBuffer bytes, SourceNames names) throws ChunkFormatException {
        int version = bytes.get(0);
        if (version != VERSION) {
            throw new ChunkFormatException("chunk of format version " + version + ": this hub reads version " + VERSION
                    + ". Was the log written by a newer hub?", null);
        }
        boolean settles = (bytes.get(1) & FLAG_CLIENT) != 0;
        String[] sources = new String[Short.toUnsignedInt(bytes.getShort(2))];
        int count = bytes.getInt(4);
        int messages = bytes.getInt(8);
        Optional<ClientMark> client = settles ? Optional.of(ClientMark.at(bytes, HEADER_BYTES)) : Optional.empty();
        int position = HEADER_BYTES + (settles ? CLIENT_BYTES : 0);
        for (int i = 0; i < sources.length; i++) {
            int length = Short.toUnsignedInt(bytes.getShort(position));
            sources[i] = names.name(bytes, position + 2, length);
            position += 2 + length;
        }
        if (count < 0 || messages != position + (long) INDEX_ENTRY_BYTES * count || messages > bytes.limit()
                || count > 0 && messages + bytes.getInt(position + (count - 1) * INDEX_ENTRY_BYTES) != bytes.limit()) {
            throw new ChunkFormatException("a chunk's index of " + count + " entries does not fit its " + bytes.limit() + " bytes", null);
        }
        return new Chunk(bytes, count, position, messages, sources, client);
    }

    /** How many entries; can be zero, where a session's lines were settled without any. */
    public int count() {
        return count;
    }

    /** Whose acknowledged session wrote the chunk, if one did. */
    public Optional<ClientMark> client() {
        return client;
    }

    /** Who sent the entry. */
    public String source(int entry) {
        return sources[bytes.getShort(at(entry) + 4) & 0xFFFF];
    }

    /** What the entry is. */
    public MessageType type(int entry) {
        return MessageType.at(bytes.get(at(entry) + 6));
    }

    /** The level of an event; empty for other types. */
    @SuppressWarnings("unchecked")
    public Optional<Level> level(int entry) {
        return (Optional<Level>) LEVELS[marks(entry) & MARK_LEVEL_MASK];
    }

    /** Number of the source within the chunk, type and level in one: entries with the same key are routed alike. */
    public int routeKey(int entry) {
        return bytes.getInt(at(entry) + 4) & ~(MARK_TRACE | MARK_CLOCK);
    }

    /** Tells whether the message names a trace. */
    public boolean isTraced(int entry) {
        return (marks(entry) & MARK_TRACE) != 0;
    }

    /** Tells whether the sender's clock was far from the hub's. */
    public boolean isClockOff(int entry) {
        return (marks(entry) & MARK_CLOCK) != 0;
    }

    /** The sender's time stamp in Unix milliseconds. */
    public long timestamp(int entry) {
        return bytes.getLong(at(entry) + 8);
    }

    /** Where the entry's message begins, counted from the start of the chunk. */
    public int start(int entry) {
        return entry == 0 ? messages : messages + bytes.getInt(at(entry - 1));
    }

    /** Behind the newline of the entry's message, counted from the start of the chunk. */
    public int end(int entry) {
        return messages + bytes.getInt(at(entry));
    }

    /** The messages of entries {@code from} to below {@code to} as LDJSON: a read-only view. */
    public ByteBuffer lines(int from, int to) {
        int start = start(from);
        return view(start, end(to - 1) - start);
    }

    /** The entry's message without its newline: a read-only view. */
    public ByteBuffer message(int entry) {
        int start = start(entry);
        return view(start, end(entry) - 1 - start);
    }

    private ByteBuffer view(int start, int length) {
        ByteBuffer slice = bytes.slice(start, length);
        return slice.isReadOnly() ? slice : slice.asReadOnlyBuffer();
    }

    private int marks(int entry) {
        return bytes.get(at(entry) + 7);
    }

    private int at(int entry) {
        if (entry < 0 || entry >= count) {
            throw new IndexOutOfBoundsException("entry " + entry + " of " + count);
        }
        return index + entry * INDEX_ENTRY_BYTES;
    }
}
