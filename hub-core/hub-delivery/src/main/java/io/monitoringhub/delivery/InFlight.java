package io.monitoringhub.delivery;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a backend was given and has not made durable, in bytes of messages. A flush that covers a part takes off the batches it covers.
 *
 * <p>Used by one thread at a time.
 */
final class InFlight {

    private record Given(long next, long bytes) {
    }

    private final Deque<Given> batches = new ArrayDeque<>();
    private long bytes;

    /** @param next behind the batch's last entry */
    void given(long next, long more) {
        Given last = batches.peekLast();
        if (last != null && last.bytes() + more <= LaneSettings.Batching.LEAST_BYTES) {
            // Small ones count as one: what is remembered grows with the bytes, not with the batches.
            batches.pollLast();
            batches.addLast(new Given(next, last.bytes() + more));
        } else {
            batches.addLast(new Given(next, more));
        }
        bytes += more;
    }

    /** Everything below this offset is durable. */
    void safe(long next) {
        while (!batches.isEmpty() && batches.peekFirst().next() <= next) {
            bytes -= batches.pollFirst().bytes();
        }
    }

    long bytes() {
        return bytes;
    }
}
