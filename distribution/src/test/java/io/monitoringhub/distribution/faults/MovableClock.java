package io.monitoringhub.distribution.faults;

import io.monitoringhub.distribution.PackagedHub;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The system's clock as a hub sees it, movable while the hub runs. A small library, compiled on the spot, is loaded before libc.
 *
 * <p>Used by one thread at a time.
 */
final class MovableClock {

    private final Path library;
    private final Path offset;

    private MovableClock(Path library, Path offset) {
        this.library = library;
        this.offset = offset;
    }

    /** Compiles the library; empty if there is no C compiler here. */
    static Optional<MovableClock> compileInto(Path folder) throws IOException, InterruptedException {
        Path source = folder.resolve("clock.c");
        try (InputStream code = MovableClock.class.getResourceAsStream("clock.c")) {
            Files.copy(code, source);
        }
        MovableClock clock = new MovableClock(folder.resolve("clock.so"), folder.resolve("clock.offset"));
        clock.move(0);
        try {
            Process compiler = new ProcessBuilder("cc", "-O2", "-shared", "-fPIC", "-o", clock.library.toString(), source.toString())
                    .inheritIO().start();
            return compiler.waitFor() == 0 ? Optional.of(clock) : Optional.empty();
        } catch (IOException noCompiler) {
            return Optional.empty();
        }
    }

    /** Makes this the clock of the hub's later starts. */
    void giveTo(PackagedHub hub) {
        hub.with("LD_PRELOAD", library.toString()).with("TEST_CLOCK_OFFSET", offset.toString());
    }

    /** Sets how many seconds the hub's clock is ahead of the real one. */
    void move(long seconds) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(seconds).flip();
        // In place: the hub has this file mapped.
        try (FileChannel file = FileChannel.open(offset, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(bytes, 0);
        }
    }
}
