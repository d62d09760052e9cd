package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that says that the hub accepts messages: process id, then {@code name=address} of each transport. It appears when all
 * configured transports listen, and goes when the hub stops. {@code bin/hub start} waits for the same line on a pipe that the hub inherits.
 *
 * <p>Thread-safe.
 */
final class ReadyFile {

    private static final Logger LOG = LoggerFactory.getLogger(ReadyFile.class);

    private final Path file;
    private Optional<Path> starter;
    private String written = "";

    /** @param starter the pipe of who started the hub and waits */
    ReadyFile(Path file, Optional<Path> starter) {
        this.file = file;
        this.starter = starter;
    }

    synchronized void write(List<String> addresses) {
        String line = ProcessHandle.current().pid() + " " + String.join(" ", addresses);
        if (line.equals(written)) {
            return;
        }
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(draft, line + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = line;
        } catch (IOException failure) {
            LOG.warn("cannot write {}: {}. 'hub status' will think that the hub is not ready", file, failure.toString());
        }
        tellStarter(line);
    }

    /** Once. Who has started the hub may have lost patience; the pipe takes the line all the same, as this process has both of its ends. */
    private void tellStarter(String line) {
        Optional<Path> pipe = starter;
        starter = Optional.empty();
        if (pipe.isPresent()) {
            try {
                Files.writeString(pipe.get(), line + "\n", StandardOpenOption.WRITE);
            } catch (IOException failure) {
                LOG.warn("cannot write to the pipe {}: {}. 'hub start' will think that the hub is not ready", pipe.get(), failure.toString());
            }
        }
    }

    synchronized void clear() {
        written = "";
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            LOG.warn("cannot remove {}: {}", file, failure.toString());
        }
    }
}
