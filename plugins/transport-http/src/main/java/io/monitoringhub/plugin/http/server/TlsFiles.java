package io.monitoringhub.plugin.http.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The PEM files that TLS is configured with. Immutable.
 *
 * @param certificate the server's certificate, then those that lead to a root
 * @param key its private key
 * @param clientCa whose certificates clients must have; empty if they need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {

    /** What the files are like now: equal to what it was before as long as none was written. */
    List<String> state() throws IOException {
        List<String> state = new ArrayList<>();
        for (Path file : all()) {
            state.add(file.toRealPath() + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
        }
        return state;
    }

    private List<Path> all() {
        return clientCa.map(ca -> List.of(certificate, key, ca)).orElseGet(() -> List.of(certificate, key));
    }
}
