package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.time.Clock;
import java.util.List;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * Removes segments from the oldest on, one at a time, each removal on disk before the next: after a crash at any moment the rest is a log
 * without a hole. The segments are the only bookkeeping. The newest segment is never removed. Thread-safe.
 */
final class Retention {

    /** Left on the disk so that cursors can be stored: else a lane could never say that what fills the disk is not needed any more. */
    static final long KEPT_FREE = 1 << 20;

    private final Object lock = new Object();
    private final LogSettings settings;
    private final FileSystemPort files;
    private final Segments segments;
    private final CursorFiles cursors;
    private final Clock clock;
    private final LogEvents events;
    private final Counters counters;

    Retention(LogSettings settings, FileSystemPort files, Segments segments, CursorFiles cursors, Clock clock, LogEvents events,
            Counters counters) {
        this.settings = settings;
        this.files = files;
        this.segments = segments;
        this.cursors = cursors;
        this.clock = clock;
        this.events = events;
        this.counters = counters;
    }

    /** Removes what no cursor needs and what is too old, or too much. */
    void maintain() {
        synchronized (lock) {
            Segment oldest = segments.first();
            try {
                while (isPassed(oldest) && (isOld() || segments.bytes() > settings.maxBytes())) {
                    delete(oldest, isOld() ? "older than " + settings.retain() : "over " + settings.maxBytes() + " bytes");
                    oldest = segments.first();
                }
            } catch (IOException e) {
                events.deletionFailed(oldest.path(), e);
            }
        }
    }

    /**
     * Sees to it that a frame fits into the budget and on the disk.
     *
     * @return how many bytes can be written now, enough for the frame
     * @throws LogFullException when entries that a cursor needs are in the way and must stay
     */
    long roomFor(long frameBytes) throws IOException {
        synchronized (lock) {
            boolean madeRoom = false;
            while (true) {
                long budget = settings.maxBytes() - segments.bytes();
                long disk = files.usableBytes(settings.folder()) - KEPT_FREE;
                Segment oldest = segments.first();
                boolean isOnDisk = frameBytes <= disk;
                if (isOnDisk && (frameBytes <= budget || oldest == segments.last())) {
                    return Math.min(Math.max(budget, frameBytes), disk);
                }
                // A removed file's room comes back when its last reader has closed it: one at a time, or all would go for nothing.
                if (!isOnDisk && madeRoom) {
                    throw new LogFullException(whyFull(false));
                }
                madeRoom |= !isOnDisk;
                makeRoom(oldest, isOnDisk);
            }
        }
    }

    private void makeRoom(Segment oldest, boolean isOnDisk) throws IOException {
        if (isPassed(oldest)) {
            delete(oldest, "room for new entries");
        } else if (settings.onFull() == OnFull.DROP_OLDEST && oldest != segments.last()) {
            drop(oldest);
        } else {
            throw new LogFullException(whyFull(isOnDisk));
        }
    }

    private boolean isPassed(Segment oldest) {
        return oldest != segments.last() && cursors.lowest() >= oldest.extent().end();
    }

    /** The second segment was created after the newest entry of the first. */
    private boolean isOld() {
        List<Segment> all = segments.all();
        return all.size() > 1 && clock.millis() - all.get(1).createdMs() > settings.retain().toMillis();
    }

    private void delete(Segment oldest, String reason) throws IOException {
        oldest.delete();
        segments.remove(oldest);
        events.segmentDeleted(oldest.path(), oldest.base(), oldest.extent().end(), reason);
    }

    private void drop(Segment oldest) throws IOException {
        long end = oldest.extent().end();
        long firstNeeded = Math.max(oldest.base(), cursors.lowest());
        delete(oldest, "no room for new entries");
        counters.dropped.addAndGet(end - firstNeeded);
        for (Cursor cursor : cursors.all()) {
            if (cursor.position() < end) {
                events.entriesDropped(cursor.name(), Math.max(oldest.base(), cursor.position()), end);
            }
        }
    }

    private String whyFull(boolean isOnDisk) {
        return isOnDisk
                ? "the log's disk budget of " + settings.maxBytes() + " bytes is used up and " + cursors.slowest()
                        + ": bring that one back, drop its cursor, or raise the budget"
                : "the disk of " + settings.folder() + " is full but for what cursors need, and " + cursors.slowest()
                        + ": make room on the disk, or bring that one back or drop its cursor";
    }
}
