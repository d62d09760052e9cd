package io.monitoringhub.sdk.internal;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The spool folder of one source. A spool file holds protocol lines that the hub has not confirmed. Its name says whose they are and how they are
 * numbered, so whoever sends it can say hello as that client, and a hub that has some of the lines drops those:
 *
 * <pre>
 * &lt;source&gt;-&lt;client uuid&gt;-&lt;number of the first line&gt;.ldjson         finished: anybody's, taken by renaming
 *                                                    .open-java      a Java program writes it    } and holds its lock;
 *                                                    .claimed-java   a Java program sends it     } without a lock it is free
 * </pre>
 *
 * The suffix names the language because the kinds of locks differ: Java's don't see those of flock(2), which other SDKs use. What bears another
 * suffix is somebody else's, and its client's other files wait for it. The protocol among all who take part is protocol/SPOOL.md.
 *
 * <p>Files of one client go in the order of their numbers, one at a time: a hub takes a lower number for a repetition. So claiming happens under
 * one lock per source and never passes over a file of the same client, and whoever has claimed one looks again: others may not see that lock.
 * Used by one thread at a time.
 */
final class Spool {

    static final String FINISHED = "ldjson";
    static final String OPEN = "open-java";
    private static final String CLAIMED = "claimed-java";
    private static final int NAME_LENGTH = 160;
    private static final int BLOCK_BYTES = 131_072;

    private final SpoolPlace place;
    private final String name;
    private final Pattern names;

    Spool(SpoolPlace place, String source) {
        this.place = place;
        String clean = source.replaceAll("[^A-Za-z0-9._-]", "_");
        this.name = clean.substring(0, Math.min(clean.length(), NAME_LENGTH));
        this.names = Pattern.compile(Pattern.quote(name)
                + "-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]{1,18})\\.(" + FINISHED + "|(?:open|claimed)(?:-[a-z0-9]+)?)");
    }

    Path path(UUID client, long first, String suffix) {
        return place.directory().resolve(name + "-" + client + "-" + first + "." + suffix);
    }

    /** A new file for lines from {@code first} on. */
    SpoolFile create(UUID client, long first) throws IOException {
        place.makeDirectory();
        long used = 0;
        for (Found file : files()) {
            used += file.size;
            if (file.size == 0 && file.client.equals(client) && file.path.toString().endsWith("." + OPEN)) {
                // A failed call has left it.
                Files.deleteIfExists(file.path);
            }
        }
        Path path = path(client, first, OPEN);
        Files.deleteIfExists(path);
        if (place.isPosix()) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(place.isPrivate() ? "rw-------"
                    : "rw-r-----")));
        }
        SpoolLock lock = SpoolLock.tryLock(path, key(client, first)).orElseThrow(() -> new IOException(path + " is locked by somebody else"));
        if (!Files.exists(path)) {
            // Taken for an abandoned one before it was locked.
            lock.close();
            throw new IOException("somebody has removed " + path);
        }
        return new SpoolFile(this, client, first, path, lock, 0, Math.max(0, Math.min(place.maxBytes() - used, FileLimit.bytes())));
    }

    String key(UUID client, long first) {
        return place.directory().toAbsolutePath().normalize() + "/" + name + "-" + client + "-" + first;
    }

    private record Found(UUID client, long first, Path path, long size, long changed, boolean isOthers) {
    }

    private List<Found> files() throws IOException {
        List<Found> files = new ArrayList<>();
        if (!Files.isDirectory(place.directory())) {
            return files;
        }
        try (Stream<Path> paths = Files.list(place.directory())) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Matcher matcher = names.matcher(path.getFileName().toString());
                if (matcher.matches() && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    File file = path.toFile();
                    files.add(new Found(UUID.fromString(matcher.group(1)), Long.parseLong(matcher.group(2)), path, file.length(),
                            file.lastModified(), !Set.of(FINISHED, OPEN, CLAIMED).contains(matcher.group(3))));
                }
            }
        }
        return files;
    }

    /** The outcome of looking for a file: it may be worth looking again because somebody else was choosing. Immutable. */
    record Claim(Optional<SpoolFile> file, boolean isWorthAnother) {
    }

    /**
     * The oldest file that is free, now ours. Never one of the client {@code own}, whose session lives here: a second session would end it. Nor one of
     * those in {@code left}, who live elsewhere.
     */
    Claim claim(UUID own, Set<UUID> left) throws IOException {
        if (files().isEmpty() || !place.isOurs()) {
            return new Claim(Optional.empty(), false);
        }
        Path path = place.directory().resolve(name + ".lock");
        Optional<SpoolLock> lock = SpoolLock.tryLock(path, path.toAbsolutePath().normalize().toString());
        if (lock.isEmpty()) {
            return new Claim(Optional.empty(), true);
        }
        try (SpoolLock choosing = lock.get()) {
            List<Found> candidates = new ArrayList<>(lowest().values());
            candidates.removeIf(found -> found.isOthers || found.client.equals(own) || left.contains(found.client));
            candidates.sort(Comparator.comparingLong(Found::changed).thenComparing(Found::path));
            for (Found candidate : candidates) {
                Optional<SpoolFile> claimed = claim(candidate);
                if (claimed.isPresent()) {
                    Found now = lowest().get(candidate.client);
                    if (now == null || now.first >= candidate.first) {
                        return new Claim(claimed, false);
                    }
                    claimed.get().release();
                    return new Claim(Optional.empty(), true);
                }
            }
            return new Claim(Optional.empty(), false);
        }
    }

    /** The first file of each client. */
    private Map<UUID, Found> lowest() throws IOException {
        Map<UUID, Found> lowest = new HashMap<>();
        for (Found file : files()) {
            lowest.merge(file.client, file, (a, b) -> a.first <= b.first ? a : b);
        }
        return lowest;
    }

    private Optional<SpoolFile> claim(Found found) throws IOException {
        Path path = path(found.client, found.first, CLAIMED);
        if (!found.path.toFile().canWrite()) {
            return Optional.empty();
        }
        boolean finished = found.path.toString().endsWith("." + FINISHED);
        if (finished) {
            // Nobody writes to it any more, so the rename decides who has it; the name below is then locked by us alone.
            if (!found.path.toFile().renameTo(path.toFile())) {
                return Optional.empty();
            }
        }
        Optional<SpoolLock> lock = SpoolLock.tryLock(finished ? path : found.path, key(found.client, found.first));
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        boolean mine = false;
        try {
            long whole = wholeLines(lock.get().file());
            mine = whole > 0 && (finished || found.path.equals(path) || found.path.toFile().renameTo(path.toFile()));
            if (whole == 0) {
                Files.deleteIfExists(finished ? path : found.path);
            }
            return mine ? Optional.of(new SpoolFile(this, found.client, found.first, path, lock.get(), whole, whole)) : Optional.empty();
        } finally {
            if (!mine) {
                // Under any of the names it is free for the next who looks, without its lock.
                lock.get().close();
            }
        }
    }

    /** Length up to the last newline: a killed writer may have left half a line. */
    private static long wholeLines(RandomAccessFile file) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        for (long end = file.length(); end > 0; end -= BLOCK_BYTES) {
            long from = Math.max(0, end - BLOCK_BYTES);
            int length = (int) (end - from);
            file.seek(from);
            file.readFully(block, 0, length);
            for (int i = length - 1; i >= 0; i--) {
                if (block[i] == '\n') {
                    return from + i + 1;
                }
            }
        }
        return 0;
    }

    /** How many lines were left in files, and why not all. Immutable. */
    record Sealed(long lines, Optional<IOException> failure) {
    }

    /**
     * Leaves everything from number {@code first} on as finished files.
     *
     * @param lines those in memory, of which the file's own are a continuation or a part
     * @param file the session's own file, or null
     */
    Sealed seal(UUID client, long first, List<byte[]> lines, SpoolFile file) {
        if (file != null && file.first() < first) {
            return move(file, first);
        }
        long kept = 0;
        IOException failure = null;
        int before = file == null ? lines.size() : (int) (file.first() - first);
        if (before > 0) {
            try {
                kept = write(create(client, first), lines.subList(0, before));
            } catch (IOException e) {
                failure = e;
            }
        }
        if (file == null) {
            return new Sealed(kept, Optional.ofNullable(failure));
        }
        Optional<IOException> unfinished = finish(file);
        return new Sealed(kept + file.lines(), failure == null ? unfinished : Optional.of(failure));
    }

    private static long write(SpoolFile file, List<byte[]> lines) throws IOException {
        List<byte[]> fitting = new ArrayList<>();
        long room = file.room();
        for (byte[] line : lines) {
            room -= line.length;
            if (room < 0) {
                break;
            }
            fitting.add(line);
        }
        if (fitting.isEmpty()) {
            file.remove();
            return 0;
        }
        try {
            file.append(fitting);
        } catch (IOException e) {
            file.remove();
            throw e;
        }
        file.finish();
        return fitting.size();
    }

    /**
     * Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice. If that fails, the old one has
     * everything.
     */
    private Sealed move(SpoolFile file, long first) {
        long kept = file.lines() - (first - file.first());
        SpoolFile rest = null;
        try {
            rest = create(file.client(), first);
            file.rewind(first - file.first());
            while (file.hasUnread()) {
                rest.append(file.take(1_000));
            }
            rest.finish();
            file.remove();
            return new Sealed(kept, Optional.empty());
        } catch (IOException e) {
            if (rest != null) {
                rest.remove();
            }
            finish(file);
            return new Sealed(kept, Optional.of(e));
        }
    }

    private static Optional<IOException> finish(SpoolFile file) {
        try {
            file.finish();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }
}
