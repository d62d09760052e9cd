package io.monitoringhub.sdk.direct;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files of lines of JSON in a folder: {@code events-<day>.jsonl} by UTC, then {@code .1.jsonl} and so on if they may not grow without end. A batch is
 * appended as one under a lock on the file and forced to the disk; what was written of one that failed is cut off. Java programs may share the folder.
 * Used by one thread at a time, but for {@link #check}.
 */
public final class FilesystemBackend implements Backend {

    private static final int TAIL = 131_072;

    private final String name;
    private final Path folder;
    private final long rotateBytes;
    private final Clock clock;
    private Optional<FileChannel> file = Optional.empty();
    private Path path;
    private String day = "";
    private int number;

    /** Files without a limit. */
    public FilesystemBackend(Path folder) {
        this("filesystem", folder, 0);
    }

    /** Files that do not pass so many bytes, but for a batch that is larger; 0: no limit. */
    public FilesystemBackend(String name, Path folder, long rotateBytes) {
        this(name, folder, rotateBytes, Clock.systemUTC());
    }

    FilesystemBackend(String name, Path folder, long rotateBytes, Clock clock) {
        this.name = name;
        this.folder = folder;
        this.rotateBytes = rotateBytes;
        this.clock = clock;
        this.path = folder;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException {
        try {
            byte[] block = batch.body();
            while (!append(block)) {
                // The next file.
            }
            return WriteResult.ALL_WRITTEN;
        } catch (OverlappingFileLockException | IOException e) {
            close();
            // The folder is made anew if it has gone.
            day = "";
            boolean isForAPerson = e instanceof AccessDeniedException || e instanceof NotDirectoryException;
            throw DeliveryException.of(isForAPerson ? DeliveryException.Kind.PERMANENT : DeliveryException.Kind.TRANSIENT, path + ": " + e, e);
        }
    }

    @Override
    public String check() throws DeliveryException {
        Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw DeliveryException.of(DeliveryException.Kind.PERMANENT, existing + " is no folder that this program can write to", null);
        }
        // not by the file store, which Java does not find where a root is no mount, as in some containers
        return (existing.toFile().getUsableSpace() >> 20) + " MiB free in " + folder;
    }

    /** Whether the block is in the present file; if not, that file is the wrong one, and let go of. */
    private boolean append(byte[] block) throws IOException {
        FileChannel channel = present();
        boolean isFull;
        FileLock lock = channel.lock();
        try {
            long size = wholeLines(channel);
            isFull = rotateBytes > 0 && size > 0 && size + block.length > rotateBytes;
            // Somebody may have moved it.
            if (!isFull && Files.exists(path)) {
                write(channel, size, block);
                return true;
            }
        } finally {
            // The lock goes with a channel that an interrupt has closed.
            if (channel.isOpen()) {
                lock.release();
            }
        }
        close();
        number += isFull ? 1 : 0;
        return false;
    }

    private static void write(FileChannel channel, long size, byte[] block) throws IOException {
        boolean isDone = false;
        try {
            channel.position(size);
            ByteBuffer rest = ByteBuffer.wrap(block);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(false);
            isDone = true;
        } finally {
            if (!isDone && channel.isOpen()) {
                channel.truncate(size);
            }
        }
    }

    private FileChannel present() throws IOException {
        String today = LocalDate.now(clock).toString();
        if (!today.equals(day)) {
            close();
            Files.createDirectories(folder);
            number = lastNumber(today);
            day = today;
        }
        if (file.isEmpty()) {
            path = folder.resolve("events-" + day + (number == 0 ? "" : "." + number) + ".jsonl");
            file = Optional.of(FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        }
        return file.get();
    }

    private int lastNumber(String today) throws IOException {
        Pattern numbered = Pattern.compile(Pattern.quote("events-" + today) + "(?:\\.([0-9]{1,9}))?\\.jsonl");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> numbered.matcher(each.getFileName().toString())).filter(Matcher::matches)
                    .mapToInt(match -> match.group(1) == null ? 0 : Integer.parseInt(match.group(1))).max().orElse(0);
        }
    }

    /** The size up to the last newline: a writer that was killed may have left half a line, which is cut off. */
    private static long wholeLines(FileChannel channel) throws IOException {
        long size = channel.size();
        long from = Math.max(0, size - TAIL);
        ByteBuffer tail = ByteBuffer.allocate((int) (size - from));
        while (tail.hasRemaining() && channel.read(tail, from + tail.position()) >= 0) {
            // Until all of it is there.
        }
        int end = tail.position();
        while (end > 0 && tail.get(end - 1) != '\n') {
            end--;
        }
        if (from + end < size) {
            channel.truncate(from + end);
        }
        return from + end;
    }

    @Override
    public void close() {
        file.ifPresent(channel -> {
            try {
                channel.close();
            } catch (IOException nothingToSave) {
                // Every batch that counts was forced to the disk.
            }
        });
        file = Optional.empty();
    }
}
