package io.monitoringhub.ingest;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Lends direct buffers for frames and keeps a bounded number of them for the next ones. Thread-safe.
 *
 * <p>Small frames get a heap buffer: the log copies those together anyway, and they die young.
 */
final class FrameBuffers {

    private static final int SMALLEST = 4 << 10;
    private static final int LARGEST = 1 << 20;
    private static final long MOST_KEPT_BYTES = 32L << 20;

    private final ArrayDeque<?>[] kept = new ArrayDeque<?>[Integer.numberOfTrailingZeros(LARGEST / SMALLEST) + 1];
    private long keptBytes;

    FrameBuffers() {
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new ArrayDeque<ByteBuffer>();
        }
    }

    /** A big-endian buffer with position 0 and limit {@code size}. */
    ByteBuffer lend(int size) {
        if (size < SMALLEST || size > LARGEST) {
            return ByteBuffer.allocate(size);
        }
        ByteBuffer buffer;
        synchronized (kept) {
            buffer = shelf(sizeClass(size)).pollLast();
            if (buffer != null) {
                keptBytes -= buffer.capacity();
            }
        }
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(SMALLEST << sizeClass(size));
        }
        return buffer.clear().limit(size);
    }

    /** Takes a buffer back that nobody uses any more. */
    void giveBack(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return;
        }
        synchronized (kept) {
            if (keptBytes + buffer.capacity() <= MOST_KEPT_BYTES) {
                keptBytes += buffer.capacity();
                shelf(sizeClass(buffer.capacity())).addLast(buffer);
            }
        }
    }

    private static int sizeClass(int size) {
        return 32 - Integer.numberOfLeadingZeros((size - 1) / SMALLEST);
    }

    @SuppressWarnings("unchecked")
    private ArrayDeque<ByteBuffer> shelf(int sizeClass) {
        return (ArrayDeque<ByteBuffer>) kept[sizeClass];
    }
}
