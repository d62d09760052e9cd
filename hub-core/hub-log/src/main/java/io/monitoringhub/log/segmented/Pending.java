package io.monitoringhub.log.segmented;

import java.nio.ByteBuffer;

import io.monitoringhub.log.Append;

/**
 * A frame that was given to the log and is not settled. Its offset is decided when it is given, and stays through every attempt to write
 * it. Immutable.
 *
 * @param payload a view of its own: the owner's buffer is never moved
 */
record Pending(Append append, ByteBuffer payload, int count, long base) {

    long next() {
        return base + count;
    }

    int payloadBytes() {
        return payload.remaining();
    }

    long bytes() {
        return FrameFormat.HEADER_BYTES + (long) payload.remaining();
    }
}
