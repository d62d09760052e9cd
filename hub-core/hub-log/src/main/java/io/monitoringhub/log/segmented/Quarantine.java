package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/** Where damaged bytes are put, for a person to look at: a file per stretch. Says what is lost, once per stretch. Thread-safe. */
final class Quarantine {

    private static final int COPY_BYTES = 1 << 16;

    private final Object lock = new Object();
    private final FileSystemPort files;
    private final Path folder;
    private final LogEvents events;
    private final Counters counters;

    Quarantine(FileSystemPort files, Path folder, LogEvents events, Counters counters) {
        this.files = files;
        this.folder = folder;
        this.events = events;
        this.counters = counters;
    }

    /** The stretch that begins where a reader found no frame; known ones are not looked at again. */
    Segment.Damage at(Segment segment, FilePort file, long position, long expected, Segment.Extent extent) throws IOException {
        synchronized (lock) {
            Segment.Damage known = segment.damages().get(position);
            if (known != null) {
                return known;
            }
            if (position >= extent.bytes()) {
                events.entriesMissing(expected, extent.end(), "segment " + segment.path().getFileName() + " ends too early");
                return remember(segment, position, position, extent.end());
            }
            SegmentScanner scanner = new SegmentScanner(file, extent.bytes());
            long to = scanner.nextFrame(position + 1, expected, extent.end());
            long next = to < extent.bytes() ? FrameFormat.base(scanner.window().buffer(), scanner.window().index(to)) : extent.end();
            return setAside(segment, file, position, to, expected, next);
        }
    }

    /** Copies a stretch whose end is known, and reports it. */
    Segment.Damage setAside(Segment segment, FilePort file, long from, long to, long expected, long next) {
        synchronized (lock) {
            Path copy = folder.resolve(segment.path().getFileName() + "-" + from + ".bin");
            try {
                copy(file, from, to, copy);
                events.quarantined(segment.path(), from, to - from, expected, next, copy);
            } catch (IOException e) {
                events.quarantineFailed(segment.path(), from, to - from, e);
                events.quarantined(segment.path(), from, to - from, expected, next, copy);
            }
            return remember(segment, from, to, next);
        }
    }

    private Segment.Damage remember(Segment segment, long from, long to, long next) {
        counters.quarantined.incrementAndGet();
        Segment.Damage damage = new Segment.Damage(to, next);
        segment.damages().put(from, damage);
        return damage;
    }

    private void copy(FilePort file, long from, long to, Path copy) throws IOException {
        files.createFolder(folder);
        Path tmp = copy.resolveSibling(copy.getFileName() + AtomicFile.TMP);
        try (FilePort target = files.create(tmp)) {
            ByteBuffer piece = ByteBuffer.allocateDirect(COPY_BYTES);
            for (long at = from; at < to; at += COPY_BYTES) {
                piece.clear().limit((int) Math.min(COPY_BYTES, to - at));
                AtomicFile.readFully(file, piece, at);
                AtomicFile.appendFully(target, piece.flip());
            }
            target.force();
        }
        files.move(tmp, copy);
        files.forceFolder(folder);
    }
}
