package io.monitoringhub.runtime.stream;

import io.monitoringhub.log.Log;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;

/** Finds the last entries of a kind, by looking back further and further. Has no state. */
public final class LatestEntries {

    /** Further back is not looked. */
    static final long MOST_LOOKED_AT = 1_000_000;

    private static final int FURTHER = 8;

    private LatestEntries() {
    }

    /**
     * The last entries that are asked for.
     *
     * @param end they stand before this offset
     * @param count how many at most
     * @return in the order of the log
     */
    public static List<LogEntry> before(long end, int count, Log log, EntryFilter filter) throws IOException {
        long back = Math.max(1_000, count);
        while (true) {
            long from = Math.max(log.startOffset(), end - back);
            List<LogEntry> found = last(from, end, count, log, filter);
            if (found.size() >= count || from <= log.startOffset() || back >= MOST_LOOKED_AT) {
                return found;
            }
            back = Math.min(MOST_LOOKED_AT, back * FURTHER);
        }
    }

    private static List<LogEntry> last(long from, long end, int count, Log log, EntryFilter filter) throws IOException {
        ArrayDeque<LogEntry> last = new ArrayDeque<>();
        try (LogFollower follower = new LogFollower(log, from, filter)) {
            boolean isMore = true;
            while (isMore && follower.position() < end) {
                isMore = follower.read(new LogFollower.Visitor() {
                    @Override
                    public void entry(LogEntry entry) {
                        if (entry.offset() < end) {
                            last.addLast(entry);
                        }
                        if (last.size() > count) {
                            last.removeFirst();
                        }
                    }

                    @Override
                    public void gap(long gone, long to) {
                        // what is gone is not among the last
                    }
                });
            }
        }
        return List.copyOf(last);
    }
}
