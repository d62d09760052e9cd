package io.monitoringhub.delivery;

import io.monitoringhub.delivery.routing.LaneFilter;
import io.monitoringhub.entries.Chunk;
import io.monitoringhub.entries.ChunkFormatException;
import io.monitoringhub.entries.SourceNames;
import io.monitoringhub.log.Frame;
import io.monitoringhub.spi.backend.BatchLimits;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * What one read of the log gave: its chunks, and which of their entries the route selects. An entry is a number: the chunk's in the upper
 * half, its own in the lower. The arrays are reused; nothing is created per entry.
 *
 * <p>Used by one thread at a time; valid as long as the frames are.
 */
final class Window {

    /** Hears of entries that could not be had. */
    interface Losses {
        void missing(long from, long to) throws TenureOver;

        void unreadable(long firstOffset, int entries, String why) throws TenureOver;
    }

    private final SourceNames names = new SourceNames();
    private final Losses losses;

    private Chunk[] chunks = new Chunk[64];
    private long[] baseOffsets = new long[64];
    private long[] appendedAt = new long[64];
    private int chunkCount;

    private long[] entries = new long[4096];
    private int size;
    private long end;
    private long batchBytes;

    private LaneFilter.Selection[] selections = new LaneFilter.Selection[64];
    private int[] stamps = new int[64];
    private int stamp;

    Window(Losses losses) {
        this.losses = losses;
    }

    /**
     * Looks at frames.
     *
     * @param position entries before it are left out
     * @param filter what is selected
     */
    void load(List<Frame> frames, long position, LaneFilter filter) throws TenureOver {
        clear();
        end = position;
        for (Frame frame : frames) {
            if (frame.baseOffset() > end) {
                losses.missing(end, frame.baseOffset());
            }
            if (frame.nextOffset() > end) {
                add(frame, (int) Math.max(0, end - frame.baseOffset()), filter);
                end = frame.nextOffset();
            }
        }
    }

    /** Leaves out what is at or behind this offset. */
    void cut(long limit) {
        if (end > limit) {
            while (size > 0 && offset(entries[size - 1]) >= limit) {
                size--;
            }
            end = limit;
        }
    }

    /** Where a batch of this size ends that begins with this entry; it holds one at least. */
    int batchEnd(int from, BatchLimits limits) {
        int most = (int) Math.min(size, (long) from + limits.maxEntries());
        long bytes = 0;
        int to = from;
        while (to < most) {
            Chunk chunk = chunk(entries[to]);
            int length = chunk.end((int) entries[to]) - chunk.start((int) entries[to]);
            if (bytes + length > limits.maxBytes() && to > from) {
                break;
            }
            bytes += length;
            to++;
        }
        batchBytes = bytes;
        return to;
    }

    /** The bytes of the messages in the batch that {@link #batchEnd} was last asked for. */
    long batchBytes() {
        return batchBytes;
    }

    /** Forgets everything, so that the frames' memory can go. */
    void clear() {
        Arrays.fill(chunks, 0, chunkCount, null);
        chunkCount = 0;
        size = 0;
    }

    /** How many entries are selected. */
    int size() {
        return size;
    }

    /** The offset behind the last frame. */
    long end() {
        return end;
    }

    long[] entries() {
        return entries;
    }

    Chunk chunk(long entry) {
        return chunks[(int) (entry >>> 32)];
    }

    long offset(long entry) {
        return baseOffsets[(int) (entry >>> 32)] + (int) entry;
    }

    long appendedAt(long entry) {
        return appendedAt[(int) (entry >>> 32)];
    }

    private void add(Frame frame, int first, LaneFilter filter) throws TenureOver {
        Chunk chunk;
        try {
            chunk = Chunk.of(frame.payload(), names);
        } catch (ChunkFormatException unreadable) {
            losses.unreadable(frame.baseOffset() + first, frame.count() - first, unreadable.getMessage());
            return;
        }
        if (chunk.count() > frame.count()) {
            losses.unreadable(frame.baseOffset() + first, frame.count() - first, "a chunk of " + chunk.count()
                    + " entries in a frame of " + frame.count());
            return;
        }
        int number = addChunk(chunk, frame);
        try {
            select(chunk, number, first, filter);
        } catch (IndexOutOfBoundsException inconsistent) {
            dropChunk(number);
            losses.unreadable(frame.baseOffset() + first, frame.count() - first, "a chunk whose index names what it does not hold");
        }
    }

    private int addChunk(Chunk chunk, Frame frame) {
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunkCount * 2);
            baseOffsets = Arrays.copyOf(baseOffsets, chunkCount * 2);
            appendedAt = Arrays.copyOf(appendedAt, chunkCount * 2);
        }
        chunks[chunkCount] = chunk;
        baseOffsets[chunkCount] = frame.baseOffset();
        appendedAt[chunkCount] = frame.appendedAt();
        return chunkCount++;
    }

    private void dropChunk(int number) {
        while (size > 0 && entries[size - 1] >>> 32 == number) {
            size--;
        }
    }

    /** The hot loop: a look-up for each entry, everything else once for each source of a chunk. */
    private void select(Chunk chunk, int number, int first, LaneFilter filter) throws TenureOver {
        int count = chunk.count();
        if (entries.length - size < count) {
            entries = Arrays.copyOf(entries, Math.max(entries.length * 2, size + count));
        }
        stamp++;
        long upper = (long) number << 32;
        int lastKey = 0;
        boolean isSelected = false;
        boolean isAsked = false;
        int unknown = 0;
        int lastEnd = first < count ? chunk.start(first) : 0;
        for (int i = first; i < count; i++) {
            int key = chunk.routeKey(i);
            if (key != lastKey || i == first) {
                lastKey = key;
                long bit = LaneFilter.isKnown(key) ? 1L << LaneFilter.bit(key) : 0;
                LaneFilter.Selection selection = bit == 0 ? null : selection(chunk, i, key, filter);
                isSelected = bit != 0 && (selection.selected() & bit) != 0;
                isAsked = bit != 0 && (selection.asked() & bit) != 0;
            }
            int end = chunk.end(i);
            if (end <= lastEnd) {
                throw new IndexOutOfBoundsException("entry " + i + " ends before it begins");
            }
            lastEnd = end;
            if (isSelected && (!isAsked || isSelected(chunk, number, i, filter))) {
                entries[size++] = upper | i;
            } else if (!LaneFilter.isKnown(key)) {
                unknown++;
            }
        }
        if (unknown > 0) {
            losses.unreadable(baseOffsets[number] + first, unknown, "entries of a type or level that this hub does not know."
                    + " Was the log written by a newer hub?");
        }
    }

    private LaneFilter.Selection selection(Chunk chunk, int entry, int key, LaneFilter filter) {
        int source = LaneFilter.sourceNumber(key);
        if (source >= selections.length) {
            selections = Arrays.copyOf(selections, source + 64);
            stamps = Arrays.copyOf(stamps, source + 64);
        }
        if (stamps[source] != stamp) {
            selections[source] = filter.selection(chunk.source(entry));
            stamps[source] = stamp;
        }
        return selections[source];
    }

    private boolean isSelected(Chunk chunk, int number, int entry, LaneFilter filter) throws TenureOver {
        int key = chunk.routeKey(entry);
        try {
            return filter.isSelected(selections[LaneFilter.sourceNumber(key)], key, chunk.message(entry));
        } catch (IOException unreadable) {
            losses.unreadable(baseOffsets[number] + entry, 1, "a message whose fields a route asks for is no JSON object: "
                    + unreadable.getMessage());
            return false;
        }
    }
}
