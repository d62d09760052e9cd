package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which runs of a batch go to which file. Each file's runs form a chain, so that a batch opens no file twice and nothing is made for an
 * entry.
 *
 * <p>Used by one thread at a time.
 */
final class BatchPlan {

    private final Streams streams;
    private final Periods periods;
    private final boolean bySource;
    private final boolean byType;
    private final long maxBytes;
    private final List<TargetFile> files = new ArrayList<>();
    private int[] from = new int[256];
    private int[] to = new int[256];
    private int[] next = new int[256];
    private int runs;
    private long watermark;

    BatchPlan(Streams streams, Periods periods, FilesystemSettings settings, long watermark) {
        this.streams = streams;
        this.periods = periods;
        this.bySource = settings.pattern().hasSource();
        this.byType = settings.pattern().hasType();
        this.maxBytes = settings.rotateBytes();
        this.watermark = watermark;
    }

    /** The latest period that entries were received in. */
    long watermark() {
        return watermark;
    }

    /** The files that the batch goes to. */
    List<TargetFile> files() {
        return files;
    }

    /** Passes the lines of a file, in order. */
    void lines(TargetFile file, Batch batch, Consumer<? super ByteBuffer> sink) {
        for (int run = file.firstRun; run != TargetFile.NO_RUN; run = next[run]) {
            batch.lines(from[run], to[run], sink);
        }
    }

    /** Forgets the batch. */
    void clear() {
        for (TargetFile file : files) {
            file.firstRun = TargetFile.NO_RUN;
            file.lastRun = TargetFile.NO_RUN;
            file.planned = file.length;
        }
        files.clear();
        runs = 0;
    }

    void make(Batch batch) throws IOException {
        int size = batch.size();
        // Times do not fall but for a change of the clock: an entry between the two that shows another hour goes with them.
        boolean onePeriod = periods.isSame(batch.receivedAt(0), batch.receivedAt(size - 1));
        Periods.Period period = periods.at(batch.receivedAt(0));
        String source = bySource ? batch.source(0) : "";
        MessageType type = byType ? batch.type(0) : MessageType.EVENT;
        Streams.Stream stream = streams.stream(source, type, period);
        int start = 0;
        if (bySource || byType || !onePeriod) {
            for (int i = 1; i < size; i++) {
                Periods.Period periodHere = onePeriod ? period : periods.at(batch.receivedAt(i));
                String sourceHere = bySource ? batch.source(i) : source;
                MessageType typeHere = byType ? batch.type(i) : type;
                if (sourceHere == source && typeHere == type && periodHere == period) {
                    continue;
                }
                Streams.Stream streamHere = streams.stream(sourceHere, typeHere, periodHere);
                if (streamHere != stream || periodHere != period) {
                    add(batch, stream, period, start, i);
                    start = i;
                }
                stream = streamHere;
                source = sourceHere;
                type = typeHere;
                period = periodHere;
            }
        }
        add(batch, stream, period, start, size);
    }

    private void add(Batch batch, Streams.Stream stream, Periods.Period period, int start, int end) throws IOException {
        watermark = Math.max(watermark, period.number());
        TargetFile file = streams.file(stream, period);
        if (maxBytes == Long.MAX_VALUE) {
            chain(file, start, end);
            return;
        }
        int first = start;
        for (int i = start; i < end; i++) {
            int length = batch.length(i) + 1;
            if (file.planned > 0 && file.planned + length > maxBytes) {
                if (i > first) {
                    chain(file, first, i);
                }
                first = i;
                file = streams.next(stream, period);
            }
            file.planned += length;
        }
        chain(file, first, end);
    }

    private void chain(TargetFile file, int start, int end) {
        if (runs == from.length) {
            from = Arrays.copyOf(from, runs * 2);
            to = Arrays.copyOf(to, runs * 2);
            next = Arrays.copyOf(next, runs * 2);
        }
        from[runs] = start;
        to[runs] = end;
        next[runs] = TargetFile.NO_RUN;
        if (file.firstRun == TargetFile.NO_RUN) {
            file.firstRun = runs;
            files.add(file);
        } else {
            next[file.lastRun] = runs;
        }
        file.lastRun = runs++;
    }
}
