package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;

import io.monitoringhub.log.Append;
import io.monitoringhub.log.Cursors;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogStatistics;
import io.monitoringhub.log.files.DirectoryLock;
import io.monitoringhub.log.files.DiskFiles;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * A log in one folder of one machine. Thread-safe.
 *
 * <p>The owner calls {@link #maintain} from time to time; the log has no timer of its own. What the folder holds and what is promised
 * about it is in docs/log-format.md.
 */
public final class SegmentedLog implements Log {

    static final String LOCK = "log.lock";
    static final String CURSORS = "cursors";
    static final String QUARANTINE = "quarantine";

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Object closeLock = new Object();
    private final UUID id;
    private final DirectoryLock directory;
    private final Segments segments;
    private final CursorFiles cursors;
    private final Progress progress;
    private final Quarantine quarantine;
    private final Retention retention;
    private final SegmentWriter writer;
    private final Appender appender;
    private final Counters counters;
    private final OpenMark mark;
    private boolean isClosed;

    private SegmentedLog(LogSettings settings, LogEvents events, Clock clock, FileSystemPort files, Duration closeLimit,
            DirectoryLock directory) throws IOException {
        this.directory = directory;
        this.counters = new Counters();
        this.quarantine = new Quarantine(files, settings.folder().resolve(QUARANTINE), events, counters);
        this.cursors = new CursorFiles(files, settings.folder().resolve(CURSORS), events);
        cursors.load();
        this.mark = new OpenMark(settings, files);
        Recovery.Recovered found = new Recovery(settings, files, events, quarantine, clock).run(cursors.highest(), mark.offsetsInDoubt());
        mark.set();
        this.id = found.logId();
        this.segments = new Segments(found.segments());
        this.progress = new Progress(segments.last().extent().end());
        this.retention = new Retention(settings, files, segments, cursors, clock, events, counters);
        this.writer = new SegmentWriter(settings, files, id, segments, found.file(), clock, counters);
        this.appender = new Appender(writer, retention, progress, counters, events, closeLimit);
        cursors.attach(this::startOffset, progress::durable, appender::retry);
        appender.start();
    }

    /**
     * Opens the log in the settings' folder, a new one when it is empty.
     *
     * @throws IOException when the folder can't be used: another process has it, a newer hub wrote it, no permission
     */
    public static SegmentedLog open(LogSettings settings, LogEvents events, Clock clock) throws IOException {
        return open(settings, events, clock, new DiskFiles(), CLOSE_LIMIT);
    }

    static SegmentedLog open(LogSettings settings, LogEvents events, Clock clock, FileSystemPort files, Duration closeLimit)
            throws IOException {
        files.createFolder(settings.folder());
        DirectoryLock directory = DirectoryLock.take(settings.folder().resolve(LOCK));
        try {
            return new SegmentedLog(settings, events, clock, files, closeLimit, directory);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    @Override
    public String id() {
        return id.toString();
    }

    @Override
    public long startOffset() {
        return segments.first().base();
    }

    @Override
    public long endOffset() {
        return appender.end();
    }

    @Override
    public long durableOffset() {
        return progress.durable();
    }

    @Override
    public void append(Append frame) {
        appender.append(frame);
    }

    @Override
    public long pendingBytes() {
        return appender.pendingBytes();
    }

    @Override
    public LogReader reader(long offset) {
        return new SegmentReader(segments, progress, quarantine, offset);
    }

    @Override
    public OptionalLong offsetAt(long unixMillis) throws IOException {
        return new TimeSearch(segments).firstAt(unixMillis);
    }

    @Override
    public long bytesBehind(long offset) {
        return new Backlog(segments).bytesBehind(offset);
    }

    @Override
    public Cursors cursors() {
        return cursors;
    }

    @Override
    public LogStatistics statistics() {
        return new LogStatistics(segments.bytes(), segments.all().size(), counters.frames.get(), counters.entries.get(),
                counters.bytes.get(), counters.syncs.snapshot(), counters.quarantined.get(), counters.dropped.get(), appender.condition());
    }

    /** Removes what retention no longer holds. The owner calls it every now and then, a minute is often enough. */
    public void maintain() {
        retention.maintain();
        appender.retry();
    }

    @Override
    public void close() throws IOException {
        synchronized (closeLock) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            appender.close();
            cursors.close();
            progress.close();
            try (DirectoryLock last = directory) {
                writer.close();
                mark.clear();
            }
        }
    }
}
