package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.Durability;
import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * Writes frames to the newest segment and begins new ones. Used by one thread at a time.
 *
 * <h2>After a failure</h2>
 * A failed force leaves it open which of the bytes are on disk, and a second force may succeed without having written them: the kernel
 * reports the loss once and calls the pages clean. So after any failure the segment ends where the last success ended; what is behind is
 * cut off if that works, and readers stop there if it does not. The frames, which nobody was told are durable, go into a new segment. It
 * has the same name only when the old one holds no entry; then it takes the old one's place by a rename.
 */
final class SegmentWriter {

    private final LogSettings settings;
    private final FileSystemPort files;
    private final UUID logId;
    private final Segments segments;
    private final Clock clock;
    private final Counters counters;
    private final GatherBuffer gather = new GatherBuffer();
    private Segment segment;
    private FilePort file;
    private boolean isDoubtful;

    /** @param file the newest segment, open behind its last frame */
    SegmentWriter(LogSettings settings, FileSystemPort files, UUID logId, Segments segments, FilePort file, Clock clock,
            Counters counters) {
        this.settings = settings;
        this.files = files;
        this.logId = logId;
        this.segments = segments;
        this.clock = clock;
        this.counters = counters;
        this.segment = segments.last();
        this.file = file;
    }

    /** The segment that is written to. */
    Segment segment() {
        return segment;
    }

    /** Creates a segment without entries that survives a power cut, and opens it. */
    static FilePort create(FileSystemPort files, Path folder, SegmentFormat.Header header) throws IOException {
        Path path = folder.resolve(SegmentFormat.name(header.base()));
        Path tmp = path.resolveSibling(path.getFileName() + AtomicFile.TMP);
        FilePort file = files.create(tmp);
        try {
            AtomicFile.appendFully(file, SegmentFormat.encode(header));
            file.force();
            files.move(tmp, path);
            files.forceFolder(folder);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Writes as many frames as the segment takes, at least one, with one force.
     *
     * @return how many frames satisfy the durability now and can be read
     */
    int write(List<Pending> frames, int from, long roomBytes) throws IOException {
        if (isDoubtful || isFullFor(frames.get(from))) {
            roll(frames.get(from).base());
        }
        try {
            return writeHere(frames, from, roomBytes);
        } catch (IOException | RuntimeException e) {
            isDoubtful = true;
            gather.reset();
            throw e;
        }
    }

    /** Ends the segment and begins the next one, which frames from this offset on go to. */
    void roll(long base) throws IOException {
        if (isDoubtful) {
            cut();
        } else if (settings.durability() == Durability.OS) {
            force();
        }
        long createdMs = Math.max(clock.millis(), segment.index().newestMs());
        SegmentFormat.Header header = new SegmentFormat.Header(logId, base, createdMs);
        Path path = settings.folder().resolve(SegmentFormat.name(base));
        refuseToOverwrite(path);
        FilePort next = create(files, settings.folder(), header);
        FilePort old = file;
        file = next;
        segment = Segment.followed(files, path, header, settings.segmentBytes());
        segments.add(segment);
        isDoubtful = false;
        old.close();
    }

    /** Makes everything durable and lets go. What was called failed must not come back: it is cut off. */
    void close() throws IOException {
        try (FilePort last = file) {
            if (isDoubtful) {
                last.truncate(segment.extent().bytes());
                last.force();
            } else if (settings.durability() == Durability.OS) {
                force();
            }
        }
    }

    private boolean isFullFor(Pending frame) {
        long bytes = segment.extent().bytes();
        return bytes > SegmentFormat.HEADER_BYTES && bytes + frame.bytes() > settings.segmentBytes();
    }

    private int writeHere(List<Pending> frames, int from, long roomBytes) throws IOException {
        long timeMs = clock.millis();
        long start = segment.extent().bytes();
        long bytes = start;
        int i = from;
        do {
            Pending frame = frames.get(i++);
            gather.put(file, frame, timeMs);
            bytes += frame.bytes();
        } while (i < frames.size() && bytes + frames.get(i).bytes() <= Math.min(settings.segmentBytes(), start + roomBytes));
        gather.flush(file);
        if (settings.durability() == Durability.SYNC) {
            force();
        }
        index(frames, from, i, start, timeMs);
        segment.extend(new Segment.Extent(bytes, frames.get(i - 1).next()));
        return i - from;
    }

    private void index(List<Pending> frames, int from, int to, long start, long timeMs) {
        long position = start;
        for (int i = from; i < to; i++) {
            segment.index().add(frames.get(i).base(), position, timeMs);
            position += frames.get(i).bytes();
        }
    }

    private void force() throws IOException {
        long start = System.nanoTime();
        try {
            file.force();
        } catch (IOException e) {
            isDoubtful = true;
            throw e;
        } finally {
            counters.syncs.record(System.nanoTime() - start);
        }
    }

    /** The segment in use without entries is replaced, and one that a failed attempt left; any other file is not ours to replace. */
    private void refuseToOverwrite(Path path) throws IOException {
        if (path.equals(segment.path())) {
            return;
        }
        try (FilePort existing = files.openToRead(path)) {
            if (existing.size() > SegmentFormat.HEADER_BYTES) {
                throw new IOException("cannot begin segment " + path + ": a file of that name exists and is not this log's; move it away");
            }
        } catch (NoSuchFileException e) {
            // As it should be.
        }
    }

    private void cut() {
        try {
            file.truncate(segment.extent().bytes());
        } catch (IOException e) {
            // Not needed for truth: readers stop at the next segment's base, and what is behind was never called durable.
        }
    }
}
