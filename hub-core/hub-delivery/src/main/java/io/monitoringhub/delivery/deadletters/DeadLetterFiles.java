package io.monitoringhub.delivery.deadletters;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dead letters as files: one folder a lane, in it {@code dead-000001.ldjson} and so on, one JSON object a line. A file that has reached
 * its size is followed by the next. At the limit {@link #append} refuses, so that the lane stops and keeps its entries, or removes the oldest
 * files, as the settings say.
 *
 * <p>Each append opens the file anew: letters are rare, and a person may move files at any time. A removal writes what stays to a file of
 * another name, forces it, and puts it in the old one's place by an atomic rename.
 *
 * <p>Thread-safe.
 */
public final class DeadLetterFiles implements DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterFiles.class);
    private static final long FILE_BYTES = 16L << 20;
    private static final long PARTS_AT_LEAST = 8;
    private static final String PREFIX = "dead-";
    private static final String SUFFIX = ".ldjson";

    private final Path folder;
    private final Object lock = new Object();
    private final Map<String, Long> counts = new HashMap<>();
    private final Map<String, Long> dropped = new HashMap<>();
    private DeadLetterSettings settings;
    private long fileBytes;

    /** @param folder where the lanes' folders are; created when the first letter comes */
    public DeadLetterFiles(Path folder, DeadLetterSettings settings) {
        this.folder = folder;
        settings(settings);
    }

    DeadLetterFiles(Path folder, DeadLetterSettings settings, long fileBytes) {
        this(folder, settings);
        this.fileBytes = fileBytes;
    }

    /** Keeps other limits from now on; what is there stays until the next letter comes. */
    public void settings(DeadLetterSettings other) {
        synchronized (lock) {
            settings = other;
            // Several files even in little room, or else drop_oldest would drop all.
            fileBytes = Math.max(1, Math.min(FILE_BYTES, other.maxBytes() / PARTS_AT_LEAST));
        }
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
            makeRoom(lane, lines.remaining());
            long before = count(lane);
            counts.remove(lane);
            write(home, files(lane), lines);
            counts.put(lane, before + letters.size());
        }
    }

    private void makeRoom(String lane, long bytes) throws IOException {
        List<Path> files = files(lane);
        long used = size(files);
        boolean isDropping = settings.onFull() == DeadLetterSettings.OnFull.DROP_OLDEST && bytes <= settings.maxBytes();
        if (used + bytes > settings.maxBytes() && !isDropping) {
            throw new DeadLettersFullException("the dead letters of lane '" + lane + "' are full: " + used + " of " + settings.maxBytes()
                    + " bytes in " + folder.resolve(lane) + "; look at them (hub:dead list " + lane + "), then send them again, drop them, or move"
                    + " or delete the oldest files, and retry the lane");
        }
        for (int i = 0; i < files.size() && used + bytes > settings.maxBytes(); i++) {
            long letters = newlines(files.get(i));
            used -= Files.size(files.get(i));
            Files.delete(files.get(i));
            counts.remove(lane);
            dropped.merge(lane, letters, Long::sum);
            LOG.warn("lane {}: its dead letters have reached {} bytes: the {} oldest, {}, are dropped", lane, settings.maxBytes(), letters,
                    files.get(i).getFileName());
        }
    }

    private static long size(List<Path> files) throws IOException {
        long size = 0;
        for (Path file : files) {
            size += Files.size(file);
        }
        return size;
    }

    /** The lanes that have letters, whether they are configured or not. */
    public List<String> lanes() throws IOException {
        List<String> lanes = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                for (Path home : all.filter(Files::isDirectory).sorted().toList()) {
                    String lane = home.getFileName().toString();
                    if (count(lane) > 0 || dropped(lane) > 0) {
                        lanes.add(lane);
                    }
                }
            }
        }
        return lanes;
    }

    /** How many letters of a lane were dropped since the start because there was no room for them. */
    public long dropped(String lane) {
        synchronized (lock) {
            return dropped.getOrDefault(lane, 0L);
        }
    }

    /** How many bytes a lane's letters take. */
    public long bytes(String lane) throws IOException {
        synchronized (lock) {
            return size(files(lane));
        }
    }

    @Override
    public List<String> parts(String lane) throws IOException {
        return files(lane).stream().map(file -> file.getFileName().toString()).toList();
    }

    @Override
    public List<DeadLetter> read(String lane, String part) throws IOException {
        List<DeadLetter> letters = new ArrayList<>();
        synchronized (lock) {
            Path file = folder.resolve(lane).resolve(part);
            if (Files.exists(file)) {
                try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        DeadLetterLine.read(line).ifPresent(letters::add);
                    }
                }
            }
        }
        return letters;
    }

    @Override
    public int remove(String lane, String part, Set<DeadLetter.Id> ids) throws IOException {
        synchronized (lock) {
            Path file = folder.resolve(lane).resolve(part);
            if (ids.isEmpty() || !Files.exists(file)) {
                return 0;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.truncate(endOfLastLine(channel));
            }
            Path rest = file.resolveSibling(part + ".tmp");
            int removed = copyWithout(file, rest, ids);
            if (removed == 0) {
                Files.delete(rest);
                return 0;
            }
            counts.remove(lane);
            if (Files.size(rest) == 0) {
                Files.delete(rest);
                Files.delete(file);
            } else {
                Files.move(rest, file, StandardCopyOption.ATOMIC_MOVE);
            }
            force(file.getParent());
            return removed;
        }
    }

    private static int copyWithout(Path file, Path rest, Set<DeadLetter.Id> ids) throws IOException {
        int removed = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                BufferedWriter out = Files.newBufferedWriter(rest, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (DeadLetterLine.read(line).filter(letter -> ids.contains(letter.id())).isPresent()) {
                    removed++;
                } else {
                    out.append(line).append('\n');
                }
            }
        }
        try (FileChannel channel = FileChannel.open(rest, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return removed;
    }

    /**
     * Removes all that is kept for a lane, also what can't be read as a letter.
     *
     * @return how many letters
     */
    public long removeAll(String lane) throws IOException {
        synchronized (lock) {
            long count = count(lane);
            counts.remove(lane);
            for (Path file : files(lane)) {
                Files.delete(file);
            }
            if (Files.isDirectory(folder.resolve(lane))) {
                force(folder.resolve(lane));
            }
            return count;
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
        Path file = next ? home.resolve(PREFIX + String.format(Locale.ROOT, "%06d", numberAfter(last)) + SUFFIX) : last;
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
