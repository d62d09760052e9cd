package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where the running hub's shell listens: {@code run/hub.sock}, or, as the address of a Unix socket has only 108 bytes, a private folder
 * among the temporary files, whose path is then noted in {@code run/hub.sock.path}.
 *
 * <p>Used by one thread at a time.
 */
final class ShellSocket {

    private static final int MAX_ADDRESS_BYTES = 107;

    private final Path wanted;
    private final Path note;

    ShellSocket(HubPaths paths) {
        this.wanted = paths.run().resolve("hub.sock");
        this.note = paths.run().resolve("hub.sock.path");
    }

    /** Chooses the path for a hub that starts, and removes what a killed one left behind. */
    Path prepare() throws IOException {
        remove();
        if (wanted.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_ADDRESS_BYTES) {
            return wanted;
        }
        Path folder = Files.createTempDirectory("hub-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path substitute = folder.resolve("hub.sock");
        Files.writeString(note, substitute + "\n");
        return substitute;
    }

    /** The path that a client has to connect to. */
    Path locate() throws IOException {
        return Files.exists(note) ? Path.of(Files.readString(note).strip()) : wanted;
    }

    /** Removes the socket, and the private folder with its note if there was one. */
    void remove() throws IOException {
        Files.deleteIfExists(wanted);
        if (Files.exists(note)) {
            Path substitute = Path.of(Files.readString(note).strip());
            Files.deleteIfExists(substitute);
            Files.deleteIfExists(substitute.getParent());
            Files.delete(note);
        }
    }
}
