package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How files are opened, forced, and replaced. Tests put faults in here.
 *
 * <p>Thread-safe.
 */
class Disk {

    private final boolean force;

    /** @param force false leaves it to the operating system when things reach the disk */
    Disk(boolean force) {
        this.force = force;
    }

    FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, options);
    }

    /** Waits until the file's bytes and length are on the disk. */
    void force(FileChannel channel) throws IOException {
        if (force) {
            channel.force(false);
        }
    }

    /** Waits until the names in this folder are on the disk. */
    void forceFolder(Path folder) throws IOException {
        if (force) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Creates the folder and those above it, durably. */
    void createFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            createFolders(parent);
        }
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
        }
        if (parent != null) {
            forceFolder(parent);
        }
    }

    /** Writes a whole small file so that a crash leaves the old one or the new one. */
    void replace(Path file, byte[] content) throws IOException {
        Path draft = draft(file);
        try (FileChannel channel = open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, ByteBuffer.wrap(content), 0);
            force(channel);
        }
        rename(draft, file);
        forceFolder(file.getParent());
    }

    /** Gives a complete file its name, at once and in the place of another one. */
    void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete(Path file) throws IOException {
        Files.delete(file);
    }

    /** What a file is called until it is complete. */
    static Path draft(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }

    /** Writes all of the buffer at this position. */
    static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
