package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.SpoolPlace;
import io.monitoringhub.sdk.internal.SpoolLock;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Batches on disk that a backend has not taken, for this process and for those that come after it: {@code direct-java/<source>/<lane>/} in the spool
 * folder, a file for each batch, {@code <time>-<client>-<first number>.jsonl}, written under another name first. Whoever delivers one holds a lock on
 * it, so that no two do, and a crash gives it back. One that was delivered is emptied before it is removed: who had opened it sees that. Not forced to
 * disk: a power cut can take what was spooled last. Thread-safe.
 */
final class BatchSpool {

    private static final Pattern NAME = Pattern.compile("([0-9]{13})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]{1,18})\\.jsonl");
    private static final String ENDING = ".jsonl";
    private static final String HALF_WRITTEN = ".tmp";
    private static final Duration ABANDONED = Duration.ofHours(1);
    private static final long SIZE_HOLDS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int LONGEST_NAME = 100;

    private final SpoolPlace place;
    private final Path folder;
    private final String source;
    private final Clock clock;
    // Under this object's lock.
    private long size;
    private long sizeAt;
    private boolean isMeasured;

    BatchSpool(SpoolPlace place, String source, String lane, Clock clock) {
        this.place = place;
        this.folder = place.directory().resolve("direct-java").resolve(fileName(source)).resolve(fileName(lane));
        this.source = source;
        this.clock = clock;
    }

    /** Two names never have the same one. */
    private static String fileName(String name) {
        String clean = name.substring(0, Math.min(LONGEST_NAME, name.length())).replaceAll("[^A-Za-z0-9._-]", "_");
        if (clean.equals(name) && !clean.replace(".", "").isEmpty()) {
            return clean;
        }
        CRC32 sum = new CRC32();
        sum.update(name.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%s-%08x", clean, sum.getValue());
    }

    /** A file's place in the order. */
    private record Found(Path path, long born, UUID client, long first) {

        private static final Comparator<Found> ORDER = Comparator.comparingLong(Found::born).thenComparing(Found::client).thenComparingLong(Found::first);
    }

    /** A batch that was taken, and the file to which it goes back unless it is removed. Used by one thread at a time. */
    static final class Claimed {

        private final Batch batch;
        private final Path path;
        private final SpoolLock lock;

        private Claimed(Batch batch, Path path, SpoolLock lock) {
            this.batch = batch;
            this.path = path;
            this.lock = lock;
        }

        Batch batch() {
            return batch;
        }

        /** It was delivered. */
        void remove() throws IOException {
            try (lock) {
                lock.file().setLength(0);
                Files.deleteIfExists(path);
            }
        }

        /** Somebody else may have it. */
        void release() {
            lock.close();
        }
    }

    /** Whether there was room. */
    boolean put(Batch batch) throws IOException {
        byte[] body = batch.body();
        if (!hasTaken(body.length)) {
            return false;
        }
        Path path = folder.resolve(batch.name() + ENDING);
        Path half = folder.resolve(batch.name() + HALF_WRITTEN);
        try {
            Files.deleteIfExists(half);
            Files.createFile(half, permissions("rw-------"));
            try (OutputStream out = new FileOutputStream(half.toFile())) {
                out.write(body);
            }
            Files.move(half, path, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            Files.deleteIfExists(half);
            throw e;
        }
    }

    private FileAttribute<?>[] permissions(String permissions) {
        return place.isPosix() ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    private synchronized boolean hasTaken(long bytes) throws IOException {
        long now = System.nanoTime();
        if (!isMeasured || now - sizeAt > SIZE_HOLDS_NANOS || !Files.isDirectory(folder)) {
            place.makeDirectory();
            Files.createDirectories(folder, permissions("rwx------"));
            size = measured();
            sizeAt = now;
            isMeasured = true;
        }
        if (size + bytes > place.maxBytes()) {
            return false;
        }
        size += bytes;
        return true;
    }

    private long measured() throws IOException {
        long sum = 0;
        for (Path path : paths()) {
            try {
                if (path.toString().endsWith(HALF_WRITTEN) && Files.getLastModifiedTime(path).toInstant().isBefore(clock.instant().minus(ABANDONED))) {
                    // Its writer was killed.
                    Files.deleteIfExists(path);
                } else {
                    sum += Files.size(path);
                }
            } catch (NoSuchFileException deliveredMeanwhile) {
                // Or renamed: what it is called now is looked at the next time.
            }
        }
        return sum;
    }

    private List<Path> paths() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        } catch (NoSuchFileException nothingYet) {
            return List.of();
        }
    }

    /** The oldest batch that nobody else is delivering. */
    Optional<Claimed> take() throws IOException {
        List<Found> files = new ArrayList<>();
        List<Path> paths = paths();
        if (!paths.isEmpty() && !place.isOurs()) {
            return Optional.empty();
        }
        for (Path path : paths) {
            Matcher name = NAME.matcher(path.getFileName().toString());
            if (name.matches() && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                files.add(new Found(path, Long.parseLong(name.group(1)), UUID.fromString(name.group(2)), Long.parseLong(name.group(3))));
            }
        }
        files.sort(Found.ORDER);
        for (Found file : files) {
            Optional<Claimed> claimed = claimed(file);
            if (claimed.isPresent()) {
                return claimed;
            }
        }
        return Optional.empty();
    }

    private Optional<Claimed> claimed(Found found) throws IOException {
        if (!found.path.toFile().canWrite()) {
            return Optional.empty();
        }
        Optional<SpoolLock> locked = SpoolLock.tryLock(found.path, found.path.toAbsolutePath().normalize().toString());
        if (locked.isEmpty()) {
            return Optional.empty();
        }
        SpoolLock lock = locked.get();
        boolean isTaken = false;
        try {
            List<byte[]> lines = lines(lock.file());
            if (lines.isEmpty()) {
                // Delivered by somebody else meanwhile; opening may have made it anew.
                Files.deleteIfExists(found.path);
                return Optional.empty();
            }
            isTaken = true;
            return Optional.of(new Claimed(Batch.of(source, found.client, Instant.ofEpochMilli(found.born), found.first, lines), found.path, lock));
        } finally {
            if (!isTaken) {
                lock.close();
            }
        }
    }

    private static List<byte[]> lines(RandomAccessFile file) throws IOException {
        byte[] content = new byte[(int) Math.min(file.length(), Integer.MAX_VALUE - 8)];
        file.readFully(content);
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n') {
                lines.add(Arrays.copyOfRange(content, from, i + 1));
                from = i + 1;
            }
        }
        return lines;
    }
}
