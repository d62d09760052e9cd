package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

import io.monitoringhub.log.files.FilePort;

/**
 * Goes through a segment's bytes and tells frames from damage. Used by one thread at a time.
 *
 * <p>After damage nothing that the damaged bytes say is believed, lengths least of all: the next frame is the next position where magic,
 * a sane length, the right sum and a plausible offset come together.
 */
final class SegmentScanner {

    private static final int WINDOW_BYTES = 1 << 18;

    private final FilePort file;
    private final long limit;
    private final FileWindow window;
    private final CRC32C sum = new CRC32C();

    /** What a scan finds, in order. */
    interface Findings {

        void frame(long position, long bytes, long base, int count, long timeMs);

        /** Damage between two positions; {@code next} is the offset of the frame behind it, -1 when there is none. */
        void damage(long from, long to, long expected, long next);
    }

    SegmentScanner(FilePort file, long limit) {
        this(file, limit, new FileWindow(WINDOW_BYTES));
    }

    SegmentScanner(FilePort file, long limit, FileWindow window) {
        this.file = file;
        this.limit = limit;
        this.window = window;
    }

    /** Checks every frame from a position on; entries have offsets from {@code expected} to before {@code bound}. */
    void scan(long from, long expected, long bound, Findings findings) throws IOException {
        long position = from;
        long offset = expected;
        while (position < limit) {
            if (!isFrame(position, offset, bound)) {
                long next = nextFrame(position + 1, offset, bound);
                findings.damage(position, next, offset, next < limit ? FrameFormat.base(window.buffer(), window.index(next)) : -1);
                position = next;
                continue;
            }
            ByteBuffer buffer = window.buffer();
            int at = window.index(position);
            long bytes = FrameFormat.bytes(buffer, at);
            findings.frame(position, bytes, FrameFormat.base(buffer, at), FrameFormat.count(buffer, at), FrameFormat.timeMs(buffer, at));
            offset = FrameFormat.next(buffer, at);
            position += bytes;
            if (bytes > WINDOW_BYTES) {
                window.shrink();
            }
        }
    }

    /** Whether an intact frame with a plausible offset stands at a position; it is in the window then. */
    boolean isFrame(long position, long expected, long bound) throws IOException {
        if (!isHeader(position, expected, bound)) {
            return false;
        }
        int bytes = (int) FrameFormat.bytes(window.buffer(), window.index(position));
        window.load(file, position, bytes, limit);
        return FrameFormat.isIntact(window.buffer(), window.index(position), sum);
    }

    /** Whether a header stands at a position that could be a frame's; the payload is not looked at. */
    boolean isHeader(long position, long expected, long bound) throws IOException {
        if (limit - position < FrameFormat.MIN_BYTES) {
            return false;
        }
        window.load(file, position, FrameFormat.HEADER_BYTES, limit);
        ByteBuffer buffer = window.buffer();
        int at = window.index(position);
        return FrameFormat.isPlausible(buffer, at) && position + FrameFormat.bytes(buffer, at) <= limit
                && FrameFormat.base(buffer, at) >= expected && FrameFormat.next(buffer, at) <= bound;
    }

    /** The position of the first intact frame at or behind a position, in the window then; the limit when there is none. */
    long nextFrame(long from, long expected, long bound) throws IOException {
        long position = from;
        while (limit - position >= FrameFormat.MIN_BYTES) {
            window.load(file, position, FrameFormat.HEADER_BYTES, limit);
            long candidate = nextMagic(position);
            if (candidate >= 0) {
                if (isFrame(candidate, expected, bound)) {
                    return candidate;
                }
                position = candidate + 1;
            } else {
                position += window.available(position) - FrameFormat.HEADER_BYTES + 1;
            }
        }
        return limit;
    }

    /** The window that the last answer is about. */
    FileWindow window() {
        return window;
    }

    private long nextMagic(long position) {
        ByteBuffer buffer = window.buffer();
        int from = window.index(position);
        int last = from + window.available(position) - FrameFormat.HEADER_BYTES;
        for (int i = from; i <= last; i++) {
            if (buffer.get(i) == (byte) 0xFF && buffer.getInt(i) == FrameFormat.MAGIC) {
                return position + i - from;
            }
        }
        return -1;
    }
}
