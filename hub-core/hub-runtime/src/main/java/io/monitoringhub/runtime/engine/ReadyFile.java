package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that says that the hub accepts messages: process id, then {@code name=address} of each transport. It appears when all
 * configured transports listen, and goes when the hub stops. {@code bin/hub start} waits for it.
 *
 * <p>Thread-safe.
 */
final class ReadyFile {

    private static final Logger LOG = LoggerFactory.getLogger(ReadyFile.class);

    private final Path file;
    private String written = "";

    ReadyFile(Path file) {
        this.file = file;
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
            LOG.warn("cannot write {}: {}. 'hub start' and 'hub status' will think that the hub is not ready", file, failure.toString());
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
