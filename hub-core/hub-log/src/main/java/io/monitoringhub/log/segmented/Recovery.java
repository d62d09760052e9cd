package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.files.AtomicFile;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * Makes a log of what a folder holds, whatever happened to it. Used once, by one thread.
 *
 * <h2>What is looked at</h2>
 * The header of every segment, and every frame of the newest one. Older segments were forced when they were closed; reading them here
 * would make the start as slow as the backlog is large. Their frames are checked when they are read.
 *
 * <h2>Which offset comes next</h2>
 * The end of the newest segment's last intact frame. What is cut off behind it was never called durable, so no reader has seen its offsets
 * and they can be given again. A cursor that stands higher proves that entries are gone that had been durable (a damaged disk, or a power
 * cut with durability {@code OS}); then the log goes on at the cursor, because an offset that was seen must not come to name another entry.
 * After a power cut with durability {@code OS} it leaves out all offsets that can have been seen: see {@link OpenMark}.
 *
 * <h2>The newest segment's last frame</h2>
 * Bytes behind the last intact frame are a torn write and are cut off. The same bytes with an intact frame behind them are damage: set
 * aside and passed over.
 */
final class Recovery {

    private static final String IDENTITY = "log.id";
    private static final Set<String> OURS = Set.of(IDENTITY, OpenMark.NAME, SegmentedLog.LOCK, SegmentedLog.CURSORS,
            SegmentedLog.QUARANTINE);

    private final LogSettings settings;
    private final FileSystemPort files;
    private final LogEvents events;
    private final Quarantine quarantine;
    private final Clock clock;
    private final Map<Path, Optional<SegmentFormat.Header>> headers = new TreeMap<>();

    /** @param file the last segment, open behind its last frame */
    record Recovered(UUID logId, List<Segment> segments, FilePort file) {
    }

    Recovery(LogSettings settings, FileSystemPort files, LogEvents events, Quarantine quarantine, Clock clock) {
        this.settings = settings;
        this.files = files;
        this.events = events;
        this.quarantine = quarantine;
        this.clock = clock;
    }

    /**
     * @param seen offsets below this one were durable once
     * @param inDoubt how many offsets behind the last entry may have been
     */
    Recovered run(long seen, long inDoubt) throws IOException {
        for (Path path : files.list(settings.folder())) {
            sort(path);
        }
        UUID logId = new LogIdentity(files, settings.folder().resolve(IDENTITY), events).establish(headers);
        removeForeign(logId);
        List<Segment> segments = new ArrayList<>();
        List<Path> paths = List.copyOf(headers.keySet());
        for (int i = 0; i < paths.size() - 1; i++) {
            segments.add(closed(paths.get(i), base(paths.get(i + 1))));
        }
        if (paths.isEmpty()) {
            return begin(logId, segments, seen + inDoubt);
        }
        return newest(logId, segments, paths.get(paths.size() - 1), seen, inDoubt);
    }

    private void sort(Path path) throws IOException {
        String name = path.getFileName().toString();
        if (SegmentFormat.base(path).isPresent()) {
            headers.put(path, header(path));
        } else if (name.endsWith(SegmentFormat.SUFFIX + AtomicFile.TMP) || name.equals(IDENTITY + AtomicFile.TMP)
                || name.equals(OpenMark.NAME + AtomicFile.TMP)) {
            files.delete(path);
            events.leftoverRemoved(path);
        } else if (!OURS.contains(name)) {
            events.foreignFile(path, "not a name that the log uses");
        }
    }

    private Optional<SegmentFormat.Header> header(Path path) throws IOException {
        try (FilePort file = files.openToRead(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(SegmentFormat.HEADER_BYTES, file.size()));
            AtomicFile.readFully(file, bytes, 0);
            return SegmentFormat.decode(bytes.flip(), path);
        }
    }

    private void removeForeign(UUID logId) {
        headers.entrySet().removeIf(entry -> {
            SegmentFormat.Header header = entry.getValue().orElse(null);
            boolean isForeign = header != null && (!header.logId().equals(logId) || header.base() != base(entry.getKey()));
            if (isForeign) {
                events.foreignFile(entry.getKey(), "says that it is offset " + header.base() + " of log " + header.logId());
            }
            return isForeign;
        });
    }

    private Segment closed(Path path, long end) throws IOException {
        try (FilePort file = files.openToRead(path)) {
            return Segment.closed(files, path, headerOrGuess(path), new Segment.Extent(file.size(), end), settings.segmentBytes());
        }
    }

    private SegmentFormat.Header headerOrGuess(Path path) {
        Optional<SegmentFormat.Header> header = headers.get(path);
        if (header.isEmpty()) {
            events.headerDamaged(path);
        }
        return header.orElseGet(() -> new SegmentFormat.Header(new UUID(0, 0), base(path), clock.millis()));
    }

    private Recovered newest(UUID logId, List<Segment> segments, Path path, long seen, long inDoubt)
            throws IOException {
        SegmentFormat.Header header = headerOrGuess(path);
        Segment segment = Segment.followed(files, path, header, settings.segmentBytes());
        FilePort file = files.open(path);
        try {
            NewestScan scan = new NewestScan(segment, file, quarantine, events);
            scan.run();
            boolean isWhole = headers.get(path).isPresent();
            long end = segment.extent().end();
            if (end > header.base() || isWhole) {
                segments.add(segment);
            } else {
                quarantine.setAside(segment, file, 0, file.size(), end, end);
            }
            long next = Math.max(end, seen) + inDoubt;
            if (isWhole && next == end) {
                return new Recovered(logId, segments, file);
            }
            if (next > end) {
                events.entriesMissing(end, next, inDoubt > 0
                        ? "the machine went down with durability os: these may be lost, or never have been"
                        : "a cursor stands at " + seen);
            }
            return beginBehind(logId, segments, file, next);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private Recovered beginBehind(UUID logId, List<Segment> segments, FilePort old, long base) throws IOException {
        Recovered recovered = begin(logId, segments, base);
        old.close();
        return recovered;
    }

    private Recovered begin(UUID logId, List<Segment> segments, long base) throws IOException {
        SegmentFormat.Header header = new SegmentFormat.Header(logId, base, clock.millis());
        FilePort file = SegmentWriter.create(files, settings.folder(), header);
        segments.add(Segment.followed(files, settings.folder().resolve(SegmentFormat.name(base)), header, settings.segmentBytes()));
        return new Recovered(logId, segments, file);
    }

    private static long base(Path path) {
        return SegmentFormat.base(path).orElseThrow();
    }
}
