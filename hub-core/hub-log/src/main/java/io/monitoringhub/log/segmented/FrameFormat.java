package io.monitoringhub.log.segmented;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A frame on disk, format version 1. All numbers are big-endian and, but for the sum, not negative.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |     0xFF      |      'M'      |      'H'      |      'F'      |  0  magic
 * +---------------+---------------+---------------+---------------+
 * |          CRC32C of everything behind it, to the frame's end   |  4
 * +---------------------------------------------------------------+
 * |                  payload length in bytes, 1 to 64 Mi          |  8
 * +---------------------------------------------------------------+
 * |                      count of entries, from 1                 | 12
 * +---------------------------------------------------------------+
 * |                                                               | 16
 * |                  offset of the first entry                    |
 * +---------------------------------------------------------------+
 * |                                                               | 24
 * |               append time, Unix milliseconds                  |
 * +---------------------------------------------------------------+
 * |                          payload                            ...  32
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The byte 0xFF occurs in no UTF-8 text: a message can't be taken for a frame when a reader looks for the next one behind damage.
 * The sum stands before the length so that a damaged length is noticed too. Immutable.
 */
final class FrameFormat {

    static final int MAGIC = 0xFF4D4846;
    static final int HEADER_BYTES = 32;
    static final int MIN_BYTES = HEADER_BYTES + 1;
    static final int MAX_PAYLOAD = 64 << 20;

    private static final int SUM = 4;
    private static final int LENGTH = 8;
    private static final int COUNT = 12;
    private static final int BASE = 16;
    private static final int TIME = 24;

    private FrameFormat() {
    }

    /** Puts a header at the buffer's position and moves behind it. The payload is not put and not moved. */
    static void putHeader(ByteBuffer target, long base, int count, long timeMs, ByteBuffer payload, CRC32C sum) {
        int at = target.position();
        target.putInt(MAGIC).putInt(0).putInt(payload.remaining()).putInt(count).putLong(base).putLong(timeMs);
        sum.reset();
        sum.update(target.duplicate().flip().position(at + LENGTH));
        sum.update(payload.duplicate());
        target.putInt(at + SUM, (int) sum.getValue());
    }

    static int length(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LENGTH);
    }

    static int count(ByteBuffer buffer, int at) {
        return buffer.getInt(at + COUNT);
    }

    static long base(ByteBuffer buffer, int at) {
        return buffer.getLong(at + BASE);
    }

    static long timeMs(ByteBuffer buffer, int at) {
        return buffer.getLong(at + TIME);
    }

    static long next(ByteBuffer buffer, int at) {
        return base(buffer, at) + count(buffer, at);
    }

    /** Bytes of the frame as a whole. */
    static long bytes(ByteBuffer buffer, int at) {
        return HEADER_BYTES + (long) length(buffer, at);
    }

    /** Whether a header can stand here: cheap, and true for some damaged ones. Needs {@link #HEADER_BYTES}. */
    static boolean isPlausible(ByteBuffer buffer, int at) {
        if (buffer.getInt(at) != MAGIC) {
            return false;
        }
        int length = length(buffer, at);
        return length >= 1 && length <= MAX_PAYLOAD && count(buffer, at) >= 1 && base(buffer, at) >= 0 && next(buffer, at) > 0;
    }

    /** Whether the frame is as it was written. Needs the whole frame, and a plausible header. */
    static boolean isIntact(ByteBuffer buffer, int at, CRC32C sum) {
        sum.reset();
        sum.update(buffer.duplicate().limit(at + HEADER_BYTES + length(buffer, at)).position(at + LENGTH));
        return (int) sum.getValue() == buffer.getInt(at + SUM);
    }
}
