package io.monitoringhub.plugin.stream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TLS as it was configured. Immutable.
 *
 * @param certificate the server's certificate and those above it, in PEM
 * @param key its private key, in PEM, PKCS#8, not encrypted
 * @param clientCa who signs the certificates of clients; if there is none, clients need no certificate
 * @param protocols versions of TLS that are spoken
 * @param ciphers cipher suites; empty for those of the JDK
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa, List<String> protocols, List<String> ciphers) {

    public TlsFiles {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }

    /** Is another one when a file was changed. A file that can't be looked at is a state like others: reading it will say what is wrong. */
    String state() {
        StringBuilder state = new StringBuilder();
        for (Path file : clientCa.map(ca -> List.of(certificate, key, ca)).orElse(List.of(certificate, key))) {
            try {
                state.append(Files.getLastModifiedTime(file).toMillis()).append('/').append(Files.size(file)).append(' ');
            } catch (IOException unreadable) {
                state.append("- ");
            }
        }
        return state.toString();
    }
}
