package io.monitoringhub.delivery.deadletters;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Dead letters as files: one folder a lane, in it {@code dead-000001.ldjson} and so on, one JSON object a line. A file that has reached
 * its size is followed by the next; none is ever removed here. At the limit {@link #append} refuses, the lane stops and keeps its entries,
 * and a person moves or deletes old files.
 *
 * <p>Each append opens the file anew: letters are rare, and a person may move files at any time.
 *
 * <p>Thread-safe.
 */
public final class DeadLetterFiles implements DeadLetters {

    /** 256 MiB a lane. */
    public static final long DEFAULT_MAX_BYTES = 256L << 20;

    private static final long FILE_BYTES = 16L << 20;
    private static final String PREFIX = "dead-";
    private static final String SUFFIX = ".ldjson";

    private final Path folder;
    private final long maxBytes;
    private final long fileBytes;
    private final Object lock = new Object();
    private final Map<String, Long> counts = new HashMap<>();

    /**
     * @param folder where the lanes' folders are; created when the first letter comes
     * @param maxBytes most bytes of letters for each lane
     */
    public DeadLetterFiles(Path folder, long maxBytes) {
        this(folder, maxBytes, Math.min(FILE_BYTES, maxBytes));
    }

    DeadLetterFiles(Path folder, long maxBytes, long fileBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.fileBytes = fileBytes;
    }

    @Override
    public void append(String lane, List<DeadLetter> letters) throws IOException {
        ByteBuffer lines = encode(letters);
        synchronized (lock) {
            Path home = folder.resolve(lane);
            if (!Files.isDirectory(home)) {
                Files.createDirectories(home);
                force(folder);
            }
            long before = count(lane);
            List<Path> files = files(lane);
            long used = 0;
            for (Path file : files) {
                used += Files.size(file);
            }
            if (used + lines.remaining() > maxBytes) {
                throw new DeadLettersFullException("the dead letters of lane '" + lane + "' are full: " + used + " of " + maxBytes
                        + " bytes in " + home + "; look at them, then move or delete the oldest files and retry the lane");
            }
            counts.remove(lane);
            write(home, files, lines);
            counts.put(lane, before + letters.size());
        }
    }

    @Override
    public long count(String lane) throws IOException {
        synchronized (lock) {
            Long known = counts.get(lane);
            if (known != null) {
                return known;
            }
            long count = 0;
            for (Path file : files(lane)) {
                count += newlines(file);
            }
            counts.put(lane, count);
            return count;
        }
    }

    /** The latest letters of a lane as they stand in the files, oldest first. */
    public List<String> latest(String lane, int most) throws IOException {
        synchronized (lock) {
            List<String> lines = new ArrayList<>();
            List<Path> files = files(lane);
            for (int i = files.size() - 1; i >= 0 && lines.size() < most; i--) {
                List<String> older = Files.readAllLines(files.get(i), StandardCharsets.UTF_8);
                int missing = Math.min(most - lines.size(), older.size());
                lines.addAll(0, older.subList(older.size() - missing, older.size()));
            }
            return lines;
        }
    }

    /** The files of a lane, oldest first. */
    public List<Path> files(String lane) throws IOException {
        Path home = folder.resolve(lane);
        if (!Files.isDirectory(home)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(home)) {
            return all.filter(DeadLetterFiles::isOurs).sorted().toList();
        }
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    private void write(Path home, List<Path> files, ByteBuffer lines) throws IOException {
        Path last = files.isEmpty() ? null : files.get(files.size() - 1);
        boolean next = last == null || Files.size(last) >= fileBytes;
        Path file = next ? home.resolve(PREFIX + String.format("%06d", numberAfter(last)) + SUFFIX) : last;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = endOfLastLine(channel);
            channel.truncate(end).position(end);
            while (lines.hasRemaining()) {
                channel.write(lines);
            }
            channel.force(true);
        }
        if (next) {
            force(home);
        }
    }

    private static int numberAfter(Path last) {
        if (last == null) {
            return 1;
        }
        String name = last.getFileName().toString();
        try {
            return Integer.parseInt(name.substring(PREFIX.length(), name.length() - SUFFIX.length())) + 1;
        } catch (NumberFormatException somebodyElses) {
            return 1;
        }
    }

    /** A line without its end is what a crash left of an append that never returned. */
    private static long endOfLastLine(FileChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (long end = channel.size(); end > 0; end--) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
        }
        return 0;
    }

    private static long newlines(Path file) throws IOException {
        long count = 0;
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(block); n > 0; n = in.read(block)) {
                for (int i = 0; i < n; i++) {
                    if (block[i] == '\n') {
                        count++;
                    }
                }
            }
        }
        return count;
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static ByteBuffer encode(List<DeadLetter> letters) {
        StringBuilder lines = new StringBuilder(512 * letters.size());
        for (DeadLetter letter : letters) {
            DeadLetterLine.append(letter, lines);
        }
        return ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
}
