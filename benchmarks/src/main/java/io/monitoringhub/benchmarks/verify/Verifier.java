package io.monitoringhub.benchmarks.verify;

import io.monitoringhub.benchmarks.message.MessageCheck;
import io.monitoringhub.benchmarks.message.Messages;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads every line that a backend wrote and says what is missing, doubled, out of order, torn or changed.
 *
 * <pre>{@code
 * VerificationReport report = new Verifier(folder).sent(load.sentByConnection()).acknowledged(load.ackedByConnection()).verify();
 * }</pre>
 *
 * <p>Files: {@code *.jsonl} and {@code *.jsonl.gz} below the folder. Used by one thread at a time, for one scan.
 */
public final class Verifier {
    private static final int EXAMPLES_PER_KIND = 5;
    private static final int SHOWN_BYTES = 120;
    private static final int MOST_SCANS = 100;
    /** Numbers above are taken for garbage and not for a gap of billions. */
    private static final long HIGHEST_NUMBER = 4_000_000_000L;

    private final Path folder;
    private final MessageCheck check = new MessageCheck();
    private final LineCutter cutter = new LineCutter();
    private final Map<Integer, SeenNumbers> seen = new TreeMap<>();
    private final Map<String, Integer> series = new HashMap<>();
    private final Map<String, Integer> exampleCounts = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private Map<Integer, Long> sent = Map.of();
    private Map<Integer, Long> acknowledged = Map.of();
    private Path file;
    private int fileSeries;
    private int lastConnection = -1;
    private SeenNumbers lastSeen;
    private long bytes;
    private long lines;
    private long doubled;
    private long outOfOrder;
    private long torn;
    private long altered;
    private long foreign;
    private long unsent;

    /** A verifier of all files below {@code folder}. */
    public Verifier(Path folder) {
        this.folder = folder;
    }

    /** The highest number sent, by connection: everything up to it is expected, nothing above it. */
    public Verifier sent(Map<Integer, Long> highest) {
        sent = Map.copyOf(highest);
        return this;
    }

    /** The highest number acknowledged, by connection: everything up to it must be there. */
    public Verifier acknowledged(Map<Integer, Long> highest) {
        acknowledged = Map.copyOf(highest);
        return this;
    }

    /** Reads everything; again where a backend that is at work renames a file meanwhile. */
    public VerificationReport verify() throws IOException {
        for (int left = MOST_SCANS; left > 1; left--) {
            try {
                return new Verifier(folder).sent(sent).acknowledged(acknowledged).verifyOnce();
            } catch (NoSuchFileException renamed) {
                // From the beginning: what was read of it comes again under its new name.
            }
        }
        return verifyOnce();
    }

    private VerificationReport verifyOnce() throws IOException {
        long start = System.nanoTime();
        List<BackendFile> files = BackendFile.list(folder);
        for (BackendFile next : files) {
            scan(next);
        }
        long missing = 0;
        long missingAcknowledged = 0;
        sent.keySet().forEach(connection -> seen.computeIfAbsent(connection, key -> new SeenNumbers()));
        acknowledged.keySet().forEach(connection -> seen.computeIfAbsent(connection, key -> new SeenNumbers()));
        Map<Integer, Long> highest = new TreeMap<>();
        for (Map.Entry<Integer, SeenNumbers> entry : seen.entrySet()) {
            SeenNumbers numbers = entry.getValue();
            missing += missing("missing", entry.getKey(), numbers, sent.getOrDefault(entry.getKey(), numbers.highest()));
            missingAcknowledged += missing("acknowledged but missing", entry.getKey(), numbers, acknowledged.getOrDefault(entry.getKey(), 0L));
            highest.put(entry.getKey(), numbers.highest());
        }
        long messages = seen.values().stream().mapToLong(SeenNumbers::count).sum();
        return new VerificationReport(files.size(), bytes, lines, messages, missing, missingAcknowledged, doubled, outOfOrder, torn, altered,
                foreign, unsent, examples, highest, (System.nanoTime() - start) / 1e9);
    }

    private void scan(BackendFile next) throws IOException {
        file = next.path();
        fileSeries = series.computeIfAbsent(next.series(), name -> series.size());
        cutter.clear();
        try (ReadableByteChannel channel = next.open()) {
            bytes += cutter.read(channel, this::line);
        } catch (NoSuchFileException renamed) {
            throw renamed;
        } catch (IOException e) {
            torn++;
            example("unreadable", cutter.offset(), e.toString());
        }
        if (cutter.partial() > 0) {
            torn++;
            example("torn (no newline at the end)", cutter.offset(), cutter.partial() + " bytes");
        }
    }

    private void line(byte[] text, int start, int end, long offset) {
        lines++;
        long marker = MessageCheck.marker(text, start, end);
        if (marker == MessageCheck.NONE) {
            unknown(text, start, end, offset);
            return;
        }
        long number = MessageCheck.number(marker);
        if (!check.isIntact(text, start, end, marker) || number > HIGHEST_NUMBER) {
            damaged(text, start, end, offset, number);
            return;
        }
        int connection = MessageCheck.connection(marker);
        if (connection != lastConnection) {
            lastConnection = connection;
            lastSeen = seen.computeIfAbsent(connection, key -> new SeenNumbers());
        }
        boolean late = lastSeen.isLate(fileSeries, number);
        if (!lastSeen.add(number)) {
            doubled++;
            example("doubled", offset, connection + "/" + number);
        } else if (late) {
            outOfOrder++;
            example("out of order", offset, connection + "/" + number);
        }
        if (!sent.isEmpty() && number > sent.getOrDefault(connection, Long.MAX_VALUE)) {
            unsent++;
            example("unsent", offset, connection + "/" + number);
        }
    }

    private void unknown(byte[] text, int start, int end, long offset) {
        if (end > start + 1 && text[start] == '{' && text[end - 1] == '}') {
            foreign++;
            example("foreign", offset, shown(text, start, end));
        } else {
            torn++;
            example("torn", offset, shown(text, start, end));
        }
    }

    private void damaged(byte[] text, int start, int end, long offset, long number) {
        if (end - start + 1 == Messages.length(number)) {
            altered++;
            example("altered", offset, shown(text, start, end));
        } else {
            torn++;
            example("torn", offset, shown(text, start, end));
        }
    }

    private long missing(String kind, int connection, SeenNumbers numbers, long through) {
        long missing = numbers.missing(through);
        if (missing > 0 && exampleCounts.merge(kind, 1, Integer::sum) <= EXAMPLES_PER_KIND) {
            examples.add(kind + ": connection " + connection + ": " + missing + " of 1 to " + through + ", the first is "
                    + numbers.firstMissing(1, through));
        }
        return missing;
    }

    private void example(String kind, long offset, String what) {
        if (exampleCounts.merge(kind, 1, Integer::sum) <= EXAMPLES_PER_KIND) {
            examples.add(kind + ": " + folder.relativize(file) + " at byte " + offset + ": " + what);
        }
    }

    private static String shown(byte[] text, int start, int end) {
        int length = Math.min(end - start, SHOWN_BYTES);
        return new String(text, start, length, StandardCharsets.UTF_8) + (length < end - start ? "… (" + (end - start) + " bytes)" : "");
    }
}
