package io.monitoringhub.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few megabytes in memory.
 *
 * <p>Used by one thread at a time.
 */
final class SmallDisk implements AutoCloseable {

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts it; empty if that is not allowed here: it takes root. */
    static Optional<SmallDisk> mountAt(Path folder, int megabytes) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> command = List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
        return run(command) == 0 ? Optional.of(new SmallDisk(folder)) : Optional.empty();
    }

    Path folder() {
        return folder;
    }

    /** Takes room away. */
    Path fill(int megabytes) throws IOException {
        return Files.write(folder.resolve("filler"), new byte[megabytes << 20]);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (run(List.of("umount", "-l", folder.toString())) != 0) {
            throw new IOException("cannot unmount " + folder + ": do it by hand");
        }
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException noSuchProgram) {
            return -1;
        }
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(command + " did not end");
        }
        return process.exitValue();
    }
}
