package io.monitoringhub.log.segmented;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The log's segments in the order of their offsets; the last one is written to. At least one. Thread-safe. */
final class Segments {

    private final Object lock = new Object();
    private volatile List<Segment> all;
    private volatile long closedBytes;

    Segments(List<Segment> initial) {
        this.all = List.copyOf(initial);
        this.closedBytes = initial.stream().mapToLong(each -> each.extent().bytes()).sum() - last().extent().bytes();
    }

    List<Segment> all() {
        return all;
    }

    Segment first() {
        return all.get(0);
    }

    Segment last() {
        List<Segment> now = all;
        return now.get(now.size() - 1);
    }

    /** Adds the new last segment; one of the same base, which has no entries, goes. */
    void add(Segment segment) {
        synchronized (lock) {
            List<Segment> next = new ArrayList<>(all);
            if (last().base() == segment.base()) {
                next.remove(next.size() - 1);
            } else {
                closedBytes += last().extent().bytes();
            }
            next.add(segment);
            all = List.copyOf(next);
        }
    }

    void remove(Segment segment) {
        synchronized (lock) {
            List<Segment> next = new ArrayList<>(all);
            if (next.remove(segment)) {
                closedBytes -= segment.extent().bytes();
                all = List.copyOf(next);
            }
        }
    }

    /** The segment that holds an offset, or the first one when it is before all. */
    Segment holding(long offset) {
        List<Segment> now = all;
        return now.get(Math.max(0, countUpTo(now, offset) - 1));
    }

    /** The first segment with a higher base. */
    Optional<Segment> after(Segment segment) {
        List<Segment> now = all;
        int i = countUpTo(now, segment.base());
        return i < now.size() ? Optional.of(now.get(i)) : Optional.empty();
    }

    /** What the segments occupy, as far as they are readable. */
    long bytes() {
        return closedBytes + last().extent().bytes();
    }

    /** How many segments have a base up to an offset. */
    private static int countUpTo(List<Segment> segments, long offset) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).base() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
