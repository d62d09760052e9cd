package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;

/**
 * The file {@code run/ready}: it exists while the hub accepts messages. One line: process id, then the addresses it listens on.
 *
 * <p><b>Who writes it</b> is decided here and nowhere else: {@link #writer()}. {@code framework} means the launcher, once all start levels
 * are reached; {@code runtime} means the engine, once its transports listen. The system property {@value #WRITER_PROPERTY} overrides
 * the default.
 *
 * <p>Used by one thread at a time.
 */
final class Readiness {

    static final String WRITER_PROPERTY = "hub.ready";

    /** The engine knows when its transports listen. */
    private static final Writer DEFAULT_WRITER = Writer.RUNTIME;

    enum Writer { FRAMEWORK, RUNTIME }

    private final Path file;

    Readiness(Path file) {
        this.file = file;
    }

    static Writer writer() {
        return switch (System.getProperty(WRITER_PROPERTY, "")) {
            case "framework" -> Writer.FRAMEWORK;
            case "runtime" -> Writer.RUNTIME;
            default -> DEFAULT_WRITER;
        };
    }

    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    void frameworkStarted(long pid) throws IOException {
        if (writer() == Writer.FRAMEWORK) {
            Path draft = file.resolveSibling("ready.tmp");
            Files.writeString(draft, pid + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** What the hub with this process id accepts on; empty while it is not ready. */
    Optional<String> addresses(long pid) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String[] words = Files.readString(file).strip().split("\\s+", 2);
        if (!words[0].equals(Long.toString(pid))) {
            return Optional.empty();
        }
        return Optional.of(words.length > 1 ? words[1].replaceAll("\\s+", " ") : "");
    }

    /** Waits for the hub with this process id to be ready; false when it is not in time. */
    boolean await(long pid, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (addresses(pid).isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(10);
        }
        return true;
    }
}
