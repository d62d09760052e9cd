package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The configuration of a measured hub. Immutable.
 *
 * @param port of its tcp transport on 127.0.0.1
 * @param files where its filesystem backend writes
 * @param log where its log is
 * @param durability {@code sync} or {@code os}
 * @param filePattern the backend's {@code file}, if not its default
 * @param template a hub.yaml with {@code @PORT@ @FILES@ @LOG@ @DURABILITY@ @PATTERN@}; empty for the one in this jar
 */
public record HubSetup(int port, Path files, Path log, String durability, Optional<String> filePattern, Optional<Path> template) {
    /** Everything below {@code work}, on a port that is free now. */
    public static HubSetup below(Path work, String durability) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new HubSetup(socket.getLocalPort(), work.resolve("files"), work.resolve("log"), durability, Optional.empty(), Optional.empty());
        }
    }

    /** The same with another way to name files or another template. */
    public HubSetup with(Optional<String> pattern, Optional<Path> otherTemplate) {
        return new HubSetup(port, files, log, durability, pattern, otherTemplate);
    }

    /** The text of hub.yaml. */
    public String yaml() throws IOException {
        String text = template.isPresent() ? Files.readString(template.get()) : shipped();
        return text.replace("@PORT@", Integer.toString(port)).replace("@FILES@", files.toString()).replace("@LOG@", log.toString())
                .replace("@DURABILITY@", durability).replace("@PATTERN@", filePattern.map(pattern -> "file: \"" + pattern + "\"").orElse(""));
    }

    private static String shipped() {
        try (InputStream in = HubSetup.class.getResourceAsStream("hub.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read hub.yaml from this jar", e);
        }
    }
}
