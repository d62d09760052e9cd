package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusedLinesIT {

    private static final String GOOD = "{\"v\":1,\"src\":\"s\",\"ts\":1697821234567,\"type\":\"heartbeat\"}";

    @TempDir
    private Path folder;
    private LoadedHub loaded;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
    }

    @AfterEach
    void stop() throws Exception {
        loaded.hub().close();
    }

    @Test
    void malformedLinesAreRefusedOneByOneCountedAndKeptAndTheNextIsTaken() throws Exception {
        Path rejects = loaded.hub().data().resolve("rejected/rejected.ldjson");
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), loaded.port())) {
            client.getOutputStream().write((GOOD + "\nnonsense\n" + GOOD + "\n{\"v\":1}{\n" + GOOD.replace("\"v\":1", "\"v\":7") + "\n"
                    + "x".repeat(100_000) + "\n" + GOOD + "\n" + GOOD).getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).as("a plain client is never sent a byte").isEqualTo(-1);
        }
        loaded.awaitLines(3);
        loaded.hub().waitUntil("four lines are kept", () -> lines(rejects).size() == 4, () -> lines(rejects).toString());
        assertThat(lines(rejects)).satisfiesExactly(
                line -> assertThat(line).contains("\"code\":\"not_object\"").contains("\"line\":\"nonsense\"").contains("127.0.0.1"),
                line -> assertThat(line).contains("\"line\":\"{\\\"v\\\":1}{\""),
                line -> assertThat(line).contains("\"code\":\"unknown_version\""),
                line -> assertThat(line).contains("\"code\":\"too_long\""));
        assertThat(loaded.hub().shell("hub:status").output()).contains("3 messages").contains("4 refused").contains("too_long=1");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of("unreadable: " + e);
        }
    }
}
