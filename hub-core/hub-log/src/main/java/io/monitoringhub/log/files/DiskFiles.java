package io.monitoringhub.log.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The real file system. Thread-safe. */
public final class DiskFiles implements FileSystemPort {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    @Override
    public FilePort create(Path file) throws IOException {
        return channel(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @Override
    public FilePort open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channel.position(channel.size());
        return new DiskFile(channel);
    }

    @Override
    public FilePort openToRead(Path file) throws IOException {
        return channel(file, StandardOpenOption.READ);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.delete(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes(Path folder) {
        long usable = folder.toFile().getUsableSpace();
        // 0 is also the answer of a file system that does not know its size.
        return usable > 0 || folder.toFile().getTotalSpace() > 0 ? usable : Long.MAX_VALUE;
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        try (Stream<Path> names = Files.list(folder)) {
            return names.sorted().toList();
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
    }

    /** Linux says it; elsewhere every start counts as a new one, which is the safe answer. */
    @Override
    public String bootId() {
        try {
            return Files.readString(BOOT_ID).trim();
        } catch (IOException e) {
            return UUID.randomUUID().toString();
        }
    }

    private static FilePort channel(Path file, OpenOption... options) throws IOException {
        return new DiskFile(FileChannel.open(file, options));
    }

    private record DiskFile(FileChannel channel) implements FilePort {

        @Override
        public long append(ByteBuffer[] buffers, int count) throws IOException {
            return count == 1 ? channel.write(buffers[0]) : channel.write(buffers, 0, count);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
            channel.position(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
