package io.monitoringhub.log.segmented;

import java.util.Arrays;

/**
 * Where some of a segment's frames are: one in every so many bytes, at most {@link #MOST}. In memory only; what is lost is found again by
 * hopping from header to header. Thread-safe.
 */
final class SparseIndex {

    static final int MOST = 256;
    private static final int FEWEST_BYTES_APART = 1 << 16;

    private final Object lock = new Object();
    private final long apart;
    private long[] offsets = new long[8];
    private long[] positions = new long[8];
    /** The latest time of all frames before the entry. */
    private long[] timesBefore = new long[8];
    private int size;
    private long newestMs = Long.MIN_VALUE;

    /** A frame to begin at. */
    record Entry(long offset, long position) {
    }

    SparseIndex(long segmentBytes) {
        this.apart = Math.max(FEWEST_BYTES_APART, segmentBytes / MOST);
    }

    /** Takes notice of a frame; frames come in order. */
    void add(long offset, long position, long timeMs) {
        synchronized (lock) {
            if (size == 0 || size < MOST && position - positions[size - 1] >= apart) {
                if (size == offsets.length) {
                    offsets = Arrays.copyOf(offsets, size * 2);
                    positions = Arrays.copyOf(positions, size * 2);
                    timesBefore = Arrays.copyOf(timesBefore, size * 2);
                }
                offsets[size] = offset;
                positions[size] = position;
                timesBefore[size++] = newestMs;
            }
            newestMs = Math.max(newestMs, timeMs);
        }
    }

    /** The last known frame that begins at or before an offset, or the given one when none does. */
    Entry before(long offset, Entry first) {
        synchronized (lock) {
            int i = size - 1;
            while (i >= 0 && offsets[i] > offset) {
                i--;
            }
            return i < 0 ? first : new Entry(offsets[i], positions[i]);
        }
    }

    /** The last known frame with only older ones before it, or the given one when there is none. */
    Entry beforeTime(long timeMs, Entry first) {
        synchronized (lock) {
            int i = size - 1;
            while (i >= 0 && timesBefore[i] >= timeMs) {
                i--;
            }
            return i < 0 ? first : new Entry(offsets[i], positions[i]);
        }
    }

    /** The latest time of all frames it was told of; very early when there was none. */
    long newestMs() {
        synchronized (lock) {
            return newestMs;
        }
    }
}
