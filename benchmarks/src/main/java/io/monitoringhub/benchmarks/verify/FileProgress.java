package io.monitoringhub.benchmarks.verify;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * How far a backend has come, cheaply: by the lengths of its files, or by the newlines in what is new since the last look.
 *
 * <p>Used by one thread at a time.
 */
public final class FileProgress {
    private static final int TRAILER_BYTES = 4;

    private final Path folder;
    private final byte[] bytes = new byte[256 * 1024];
    private final Map<Object, Counted> counted = new HashMap<>();

    /** Progress of all files below {@code folder}, which need not exist yet. */
    public FileProgress(Path folder) {
        this.folder = folder;
    }

    /** Bytes in all files, uncompressed. Reads nothing but lengths; of a compressed file below 4 GiB its trailer. */
    public long bytes() throws IOException {
        long total = 0;
        for (BackendFile file : BackendFile.list(folder)) {
            try {
                total += file.compressed() ? trailer(file.path()) : Files.size(file.path());
            } catch (NoSuchFileException e) {
                // Renamed or compressed since it was listed: the next look finds it under its new name.
                return total;
            }
        }
        return total;
    }

    /** Lines in all files. Reads only what is new. */
    public long count() throws IOException {
        long total = 0;
        for (BackendFile file : BackendFile.list(folder)) {
            try {
                total += count(file);
            } catch (NoSuchFileException e) {
                return total;
            }
        }
        return total;
    }

    /** Waits until the files hold {@code wanted} bytes. @return {@link System#nanoTime} when that was seen */
    public long awaitBytes(long wanted, Duration patience) throws IOException, InterruptedException, TimeoutException {
        return await("bytes", this::bytes, wanted, patience, 2_000_000);
    }

    /** Waits until the files hold {@code wanted} lines. @return {@link System#nanoTime} when that was seen */
    public long awaitCount(long wanted, Duration patience) throws IOException, InterruptedException, TimeoutException {
        return await("lines", this::count, wanted, patience, 10_000_000);
    }

    /** A look at the files. */
    private interface Look {
        long now() throws IOException;
    }

    private long await(String what, Look look, long wanted, Duration patience, long pauseNanos)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            long found = look.now();
            long now = System.nanoTime();
            if (found >= wanted) {
                return now;
            }
            if (now - deadline >= 0) {
                throw new TimeoutException(folder + " holds " + found + " of " + wanted + " " + what + " after " + patience.toMillis()
                        + " ms, in " + BackendFile.list(folder).size() + " files");
            }
            LockSupport.parkNanos(pauseNanos);
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for " + folder);
            }
        }
    }

    private long count(BackendFile file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file.path(), BasicFileAttributes.class);
        Object key = attributes.fileKey() == null ? file.path() : attributes.fileKey();
        Counted before = counted.getOrDefault(key, Counted.NOTHING);
        if (attributes.size() == before.size) {
            return before.lines;
        }
        // A compressed file can't be read on, and a shortened one (a backend that came back from a crash) must be read anew.
        Counted from = file.compressed() || attributes.size() < before.size ? Counted.NOTHING : before;
        Counted now = read(file, from);
        counted.put(key, now);
        return now.lines;
    }

    private Counted read(BackendFile file, Counted from) throws IOException {
        long lines = from.lines;
        long size = from.size;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try (ReadableByteChannel channel = file.open()) {
            if (channel instanceof FileChannel plain) {
                plain.position(from.size);
            }
            int length;
            while ((length = channel.read(buffer.clear())) > 0) {
                lines += LineCutter.newlines(bytes, length);
                size += length;
            }
        }
        return new Counted(file.compressed() ? Files.size(file.path()) : size, lines);
    }

    private static long trailer(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(trailer, Math.max(0, channel.size() - TRAILER_BYTES));
            return trailer.position() < TRAILER_BYTES ? 0 : Integer.toUnsignedLong(trailer.getInt(0));
        }
    }

    /** What was counted in a file: its length then, and the lines. */
    private record Counted(long size, long lines) {
        private static final Counted NOTHING = new Counted(0, 0);
    }
}
