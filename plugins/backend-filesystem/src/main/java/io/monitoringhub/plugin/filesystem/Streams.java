package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which file entries go to: one stream of numbered files for each name that the pattern makes.
 *
 * <p>Used by one thread at a time.
 */
final class Streams {

    private static final int MAX_KNOWN = 65_536;
    private static final int TYPES = MessageType.values().length;

    /** The files of one name; entries go to the current one. */
    static final class Stream {
        private final String name;
        private TargetFile current;

        private Stream(String name) {
            this.name = name;
        }
    }

    private final Path folder;
    private final FilesystemSettings settings;
    private final Periods periods;
    private final Function<FileName, TargetFile> known;
    private final Consumer<TargetFile> superseded;
    private final Map<String, Stream> streams = new LinkedHashMap<>();
    private final Map<String, Stream[]> bySource = new HashMap<>();
    private long periodOfNames = Long.MIN_VALUE;

    /**
     * @param known finds a file that something is known of, or null
     * @param superseded is told of files that another one follows
     */
    Streams(Path folder, FilesystemSettings settings, Periods periods, Function<FileName, TargetFile> known,
            Consumer<TargetFile> superseded) {
        this.folder = folder;
        this.settings = settings;
        this.periods = periods;
        this.known = known;
        this.superseded = superseded;
    }

    /** Takes note of a file from the last commit. */
    void register(TargetFile file) {
        Stream stream = streams.computeIfAbsent(file.name.stream(), Stream::new);
        if (stream.current == null || stream.current.name.number() < file.name.number()) {
            stream.current = file;
        }
    }

    /** Whether a file with a higher number follows this one. */
    boolean isSuperseded(FileName file) {
        Stream stream = streams.get(file.stream());
        return stream != null && stream.current != null && stream.current.name.number() > file.number();
    }

    /** The stream for entries of this source and type in this period. */
    Stream stream(String source, MessageType type, Periods.Period period) {
        if (period.number() != periodOfNames || bySource.size() > MAX_KNOWN) {
            bySource.clear();
            periodOfNames = period.number();
        }
        Stream[] ofSource = bySource.get(source);
        if (ofSource == null) {
            ofSource = new Stream[TYPES];
            bySource.put(source, ofSource);
        }
        Stream stream = ofSource[type.ordinal()];
        if (stream == null) {
            stream = streams.computeIfAbsent(settings.pattern().name(source, type.word(), period), Stream::new);
            ofSource[type.ordinal()] = stream;
        }
        return stream;
    }

    /** The file that the next entry of this stream goes to. */
    TargetFile file(Stream stream, Periods.Period period) throws IOException {
        if (stream.current == null) {
            stream.current = discover(stream, period);
        }
        TargetFile file = stream.current;
        if (file.isEnded) {
            return next(stream, period);
        }
        if (settings.isNumberedByPeriod() && period.number() > file.period) {
            if (!isEmpty(file)) {
                return next(stream, period);
            }
            file.period = period.number();
        }
        return file;
    }

    /** Begins the stream's next file. */
    TargetFile next(Stream stream, Periods.Period period) {
        superseded.accept(stream.current);
        stream.current = free(stream.current.name.next(), period);
        return stream.current;
    }

    private TargetFile discover(Stream stream, Periods.Period period) throws IOException {
        FileName last = null;
        for (FileName name = new FileName(stream.name, 0); isTaken(name); name = name.next()) {
            last = name;
        }
        if (last == null) {
            return new TargetFile(new FileName(stream.name, 0), folder, period.number());
        }
        if (Files.exists(last.compressedIn(folder))) {
            return new TargetFile(last.next(), folder, period.number());
        }
        TargetFile file = known.apply(last);
        if (file == null) {
            Path path = last.in(folder);
            file = new TargetFile(last, folder, periods.numberAt(Files.getLastModifiedTime(path).toMillis()));
            file.length = Files.size(path);
            file.planned = file.length;
        }
        return file;
    }

    private TargetFile free(FileName from, Periods.Period period) {
        FileName name = from;
        while (isTaken(name)) {
            name = name.next();
        }
        return new TargetFile(name, folder, period.number());
    }

    private boolean isTaken(FileName name) {
        return Files.exists(name.in(folder)) || Files.exists(name.compressedIn(folder));
    }

    private static boolean isEmpty(TargetFile file) {
        return file.length == 0 && file.firstRun == TargetFile.NO_RUN;
    }

    /** Forgets streams when there are very many; all of them can be found again. */
    void trim(Predicate<FileName> isNeeded) {
        if (streams.size() <= MAX_KNOWN) {
            return;
        }
        bySource.clear();
        int surplus = streams.size() - MAX_KNOWN / 2;
        Iterator<Stream> all = streams.values().iterator();
        while (surplus > 0 && all.hasNext()) {
            Stream stream = all.next();
            surplus--;
            if (stream.current == null || !isNeeded.test(stream.current.name)) {
                all.remove();
            }
        }
    }
}
