package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.util.List;

import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.Uninterrupted;

/**
 * How many bytes of frames lie behind an offset. Thread-safe.
 *
 * <p>Whole segments are counted by their lengths. Within one the sparse index says where to begin, and from there the frames' headers are
 * hopped over: some reads of 16 KiB, however long the backlog is.
 */
final class Backlog {

    private final Segments segments;

    Backlog(Segments segments) {
        this.segments = segments;
    }

    /** From the frame that holds the offset, or else the next one, to the end of what readers see. */
    long bytesBehind(long offset) {
        List<Segment> all = segments.all();
        long bytes = 0;
        for (int i = all.size() - 1; i >= 0; i--) {
            Segment segment = all.get(i);
            Segment.Extent extent = segment.extent();
            if (segment.base() <= offset) {
                return bytes + extent.bytes() - position(segment, extent, offset);
            }
            bytes += extent.bytes() - SegmentFormat.HEADER_BYTES;
        }
        return bytes;
    }

    private static long position(Segment segment, Segment.Extent extent, long offset) {
        if (offset >= extent.end()) {
            return extent.bytes();
        }
        try {
            return Uninterrupted.run(() -> hopTo(segment, extent, offset));
        } catch (IOException notNow) {
            // Deleted by retention, or the disk does not answer, which the lane's own reader tells. The figure is some frames too high.
            return Math.min(extent.bytes(), segment.index().before(offset, segment.first()).position());
        }
    }

    private static long hopTo(Segment segment, Segment.Extent extent, long offset) throws IOException {
        if (offset <= segment.base()) {
            return SegmentFormat.HEADER_BYTES;
        }
        FilePort file = segment.openToRead();
        try {
            segment.indexNow(file);
            FrameHops hops = new FrameHops(file, extent);
            hops.from(segment.index().before(offset, segment.first()));
            while (hops.next()) {
                if (hops.end() > offset) {
                    return hops.position();
                }
            }
            return extent.bytes();
        } finally {
            segment.close(file);
        }
    }
}
