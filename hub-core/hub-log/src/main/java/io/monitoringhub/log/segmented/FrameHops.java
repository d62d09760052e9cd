package io.monitoringhub.log.segmented;

import java.io.IOException;

import io.monitoringhub.log.files.FilePort;

/**
 * Goes from frame header to frame header and reads little else: what an index needs. A damaged header makes it search for the next intact
 * frame. Used by one thread at a time.
 */
final class FrameHops {

    private static final int WINDOW_BYTES = 1 << 14;

    private final SegmentScanner scanner;
    private final Segment.Extent extent;
    private long position;
    private long base;
    private long next;
    private long timeMs;
    private long behind;

    FrameHops(FilePort file, Segment.Extent extent) {
        this.scanner = new SegmentScanner(file, extent.bytes(), new FileWindow(WINDOW_BYTES));
        this.extent = extent;
    }

    void from(SparseIndex.Entry start) {
        behind = start.position();
        next = start.offset();
    }

    /** Goes to the next frame, if there is one. */
    boolean next() throws IOException {
        if (next >= extent.end() || behind >= extent.bytes()) {
            return false;
        }
        position = behind;
        if (!scanner.isHeader(position, next, extent.end())) {
            position = scanner.nextFrame(position + 1, next, extent.end());
            if (position >= extent.bytes()) {
                return false;
            }
        }
        FileWindow window = scanner.window();
        int at = window.index(position);
        base = FrameFormat.base(window.buffer(), at);
        timeMs = FrameFormat.timeMs(window.buffer(), at);
        next = FrameFormat.next(window.buffer(), at);
        behind = position + FrameFormat.bytes(window.buffer(), at);
        return true;
    }

    long position() {
        return position;
    }

    long base() {
        return base;
    }

    /** The offset behind the frame's last entry. */
    long end() {
        return next;
    }

    long timeMs() {
        return timeMs;
    }
}
