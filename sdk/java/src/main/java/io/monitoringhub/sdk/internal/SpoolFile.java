package io.monitoringhub.sdk.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * One spool file as a queue: lines are appended at its end and taken from its beginning. A {@link RandomAccessFile}, because a channel would be
 * closed by an interrupt. Used by one thread at a time.
 */
final class SpoolFile {

    private static final int BLOCK_BYTES = 131_072;

    private final Spool spool;
    private UUID client;
    private final long first;
    private Path path;
    private final SpoolLock lock;
    private final RandomAccessFile file;
    private final long maxBytes;
    private long bytes;
    private long readAt;
    private long readLines;
    private long unreadLines;

    /** A file that holds {@code bytes} of whole lines and may grow to {@code maxBytes}. */
    SpoolFile(Spool spool, UUID client, long first, Path path, SpoolLock lock, long bytes, long maxBytes) {
        this.spool = spool;
        this.client = client;
        this.first = first;
        this.path = path;
        this.lock = lock;
        this.file = lock.file();
        this.bytes = bytes;
        this.maxBytes = maxBytes;
    }

    UUID client() {
        return client;
    }

    /** The number of its first line. */
    long first() {
        return first;
    }

    /** Lines that were appended and not yet taken. */
    long unreadLines() {
        return unreadLines;
    }

    long lines() {
        return readLines + unreadLines;
    }

    boolean hasUnread() {
        return readAt < bytes;
    }

    /** How many more bytes may be appended. */
    long room() {
        return Math.max(0, maxBytes - bytes);
    }

    /** Appends all of these lines, or none. */
    void append(List<byte[]> lines) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        lines.forEach(block::writeBytes);
        try {
            file.seek(bytes);
            file.write(block.toByteArray());
        } catch (IOException e) {
            file.setLength(bytes);
            throw e;
        }
        bytes += block.size();
        unreadLines += lines.size();
    }

    /** Takes the next lines, at most so many. */
    List<byte[]> take(int most) throws IOException {
        byte[] block = new byte[(int) Math.min(bytes - readAt, BLOCK_BYTES)];
        file.seek(readAt);
        file.readFully(block);
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        int taken = 0;
        for (int i = 0; i < block.length && taken < most; i++) {
            if (block[i] == '\n') {
                // An empty line has no number in the protocol: none of ours is, but the file may have been edited.
                if (i > from) {
                    lines.add(Arrays.copyOfRange(block, from, i + 1));
                    taken++;
                }
                from = i + 1;
            }
        }
        // No line is as long as a block: this is not a file of ours.
        readAt += from == 0 ? block.length : from;
        readLines += taken;
        unreadLines = Math.max(0, unreadLines - taken);
        return lines;
    }

    /** Begins again, behind the first lines. */
    void rewind(long linesToSkip) throws IOException {
        unreadLines += readLines;
        readAt = 0;
        readLines = 0;
        while (readLines < linesToSkip && hasUnread()) {
            take((int) Math.min(1_000, linesToSkip - readLines));
        }
    }

    /** Whether everything was taken, and lies within the numbers up to this. */
    boolean isDone(long number) {
        return !hasUnread() && number >= first + readLines - 1;
    }

    /** The hub has it all. */
    void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException leftBehind) {
            // It will be sent once more, under the same numbers: the hub drops it.
        }
        lock.close();
    }

    /** Its lines go on under another client's id. */
    void giveTo(UUID other) throws IOException {
        Path renamed = spool.path(other, first, Spool.OPEN);
        lock.alsoNamed(spool.key(other, first));
        Files.move(path, renamed);
        client = other;
        path = renamed;
    }

    /** Everything is on disk: whoever sends this folder's files may have it. */
    void finish() throws IOException {
        try {
            file.getFD().sync();
        } finally {
            release();
        }
    }

    /** Gives it to whoever comes next. */
    void release() {
        try {
            Files.move(path, spool.path(client, first, Spool.FINISHED));
        } catch (IOException keepsItsName) {
            // Without a lock it is as free under the name that it has.
        }
        lock.close();
    }
}
