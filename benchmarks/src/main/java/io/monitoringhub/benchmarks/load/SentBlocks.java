package io.monitoringhub.benchmarks.load;

import java.util.Arrays;

/** Blocks that were sent and not yet acknowledged, with the time of their first byte. Used by one thread at a time. */
final class SentBlocks {
    private long[] ring = new long[128];
    private int first;
    private int size;

    void add(long lastNumber, long nanos) {
        if (size == ring.length) {
            long[] wider = Arrays.copyOf(Arrays.copyOfRange(ring, first, ring.length), ring.length * 2);
            System.arraycopy(ring, 0, wider, ring.length - first, first);
            ring = wider;
            first = 0;
        }
        int at = (first + size) % ring.length;
        ring[at] = lastNumber;
        ring[at + 1] = nanos;
        size += 2;
    }

    /** Takes out every block that ends at or before {@code number} and counts how long ago it was sent. */
    void acknowledge(long number, long nowNanos, LatencyHistogram latencies) {
        while (size > 0 && ring[first] <= number) {
            latencies.add(nowNanos - ring[first + 1]);
            first = (first + 2) % ring.length;
            size -= 2;
        }
    }

    void clear() {
        size = 0;
    }
}
