package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.Uninterrupted;

/**
 * Finds entries by their time. A clock that was set back leaves times that fall; the answer is the first entry in the order of offsets
 * that is late enough. Used by one thread at a time.
 */
final class TimeSearch {

    private final Segments segments;

    TimeSearch(Segments segments) {
        this.segments = segments;
    }

    OptionalLong firstAt(long timeMs) throws IOException {
        return Uninterrupted.run(() -> search(timeMs));
    }

    private OptionalLong search(long timeMs) throws IOException {
        List<Segment> all = segments.all();
        for (int i = 0; i < all.size(); i++) {
            boolean isTooOld = i + 1 < all.size() && all.get(i + 1).createdMs() < timeMs;
            if (!isTooOld) {
                OptionalLong found = searchIn(all.get(i), timeMs);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong searchIn(Segment segment, long timeMs) throws IOException {
        Segment.Extent extent = segment.extent();
        FilePort file;
        try {
            file = segment.openToRead();
        } catch (SegmentDeletedException e) {
            return OptionalLong.empty();
        }
        try {
            segment.indexNow(file);
            FrameHops hops = new FrameHops(file, extent);
            hops.from(segment.index().beforeTime(timeMs, segment.first()));
            while (hops.next()) {
                if (hops.timeMs() >= timeMs) {
                    return OptionalLong.of(hops.base());
                }
            }
            return OptionalLong.empty();
        } finally {
            segment.close(file);
        }
    }
}
