package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of its own in an image file, which can be filled to the last block and freed again, or frozen. Takes root.
 *
 * <p>Used by one thread at a time.
 */
public final class FillableDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;
    /** Left to be filled block by block: an allocation of all that is said to be free can fail as a whole. */
    private static final long REST_BYTES = 4 << 20;

    private final Path image;
    private final Path folder;
    private int fillers;

    private FillableDisk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
    }

    /** Makes an ext4 file system of about {@code bytes} in {@code image}, which takes as much room as is used, and mounts it. */
    public static FillableDisk mount(Path image, Path folder, long bytes) throws IOException, InterruptedException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        Files.createDirectories(folder);
        run(List.of("mkfs.ext4", "-q", "-F", "-m", "0", image.toString()));
        run(List.of("mount", "-o", "loop", image.toString(), folder.toString()));
        return new FillableDisk(image, folder);
    }

    /** Where it is mounted. */
    public Path folder() {
        return folder;
    }

    /** Takes all the room that there is. */
    public void fill() throws IOException, InterruptedException {
        long free = folder.toFile().getUsableSpace() - REST_BYTES;
        if (free > 0) {
            allocate(free);
        }
        while (appendUntilFull() > 0) {
            // What the first round had reserved too much is free again after its force.
        }
    }

    /** Gives it back. */
    public void free() throws IOException {
        while (fillers > 0) {
            Files.delete(folder.resolve("filler-" + fillers--));
        }
    }

    /** From now on nothing that writes here returns, and no signal ends it, until the result is closed. */
    public FrozenDisk freeze() throws IOException, InterruptedException {
        return FrozenDisk.freeze(folder);
    }

    /** Takes it off its folder and keeps the image, which is complete when the last process has let go of it. */
    public void unmount() throws IOException, InterruptedException {
        run(List.of("umount", "--lazy", folder.toString()));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run(List.of("umount", folder.toString()));
        Files.delete(image);
    }

    /** Others may write meanwhile: what is said to be free need not be there any more. */
    private void allocate(long bytes) throws IOException, InterruptedException {
        try {
            run(List.of("fallocate", "-l", Long.toString(bytes), filler().toString()));
        } catch (IOException failure) {
            if (!isFull(failure)) {
                throw failure;
            }
        }
    }

    private static boolean isFull(IOException failure) {
        return failure.getMessage() != null && failure.getMessage().contains("No space left on device");
    }

    private long appendUntilFull() throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        long bytes = 0;
        try (FileChannel file = FileChannel.open(filler(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                int written;
                while ((written = file.write(block.clear())) > 0) {
                    bytes += written;
                }
            } catch (IOException full) {
                if (!isFull(full)) {
                    throw full;
                }
            }
            file.force(true);
        }
        return bytes;
    }

    private Path filler() {
        return folder.resolve("filler-" + ++fillers);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes()).strip();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed, it takes root and util-linux: " + said);
        }
    }
}
