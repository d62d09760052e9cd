package io.monitoringhub.log.segmented;

import java.io.IOException;

import io.monitoringhub.log.files.FilePort;

/**
 * Reads every frame of the newest segment when the log opens: fills its index, sets damage aside, cuts off a torn tail, and forces the
 * rest, because a process that was killed may have written it without a force. Used once, by one thread.
 */
final class NewestScan implements SegmentScanner.Findings {

    private final Segment segment;
    private final FilePort file;
    private final Quarantine quarantine;
    private final LogEvents events;
    private long tornFrom = -1;

    NewestScan(Segment segment, FilePort file, Quarantine quarantine, LogEvents events) {
        this.segment = segment;
        this.file = file;
        this.quarantine = quarantine;
        this.events = events;
    }

    void run() throws IOException {
        long size = file.size();
        if (size > SegmentFormat.HEADER_BYTES) {
            new SegmentScanner(file, size).scan(SegmentFormat.HEADER_BYTES, segment.base(), Long.MAX_VALUE, this);
        }
        if (tornFrom >= 0) {
            file.truncate(tornFrom);
            events.tornTailCut(segment.path(), tornFrom, size - tornFrom);
        }
        file.force();
    }

    @Override
    public void frame(long position, long bytes, long base, int count, long timeMs) {
        segment.index().add(base, position, timeMs);
        segment.extend(new Segment.Extent(position + bytes, base + count));
    }

    @Override
    public void damage(long from, long to, long expected, long next) {
        if (next < 0) {
            tornFrom = from;
        } else {
            quarantine.setAside(segment, file, from, to, expected, next);
        }
    }
}
