package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of version 1 that never says hello: it writes, connects again when its connection ends, and reads nothing. */
class PlainClientIT {

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
        hub = loaded.hub();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void isNeverSentAByteAndKeepsWorkingAfterAKillAndAfterSwaps() throws Exception {
        Path backend = Files.copy(hub.plugins().resolve("backend-filesystem.jar"), folder.resolve("backend.jar"));
        Path transport = Files.copy(hub.plugins().resolve("transport-tcp.jar"), folder.resolve("transport.jar"));
        try (Socket client = connect()) {
            send(client, "before");
            hub.drop(LoadedHub.withVersion(backend, "2.0.0", folder.resolve("next.jar")), "backend-filesystem.jar");
            hub.waitForPlugin("backend-filesystem.jar", "2.0.0");
            send(client, "same connection after a swap of the backend");
            hub.kill();
            hub.start();
            assertEndedWithoutAByte(client);
        }
        try (Socket client = connect()) {
            send(client, "after kill -9");
            hub.drop(LoadedHub.withVersion(transport, "2.0.0", folder.resolve("next.jar")), "transport-tcp.jar");
            hub.waitForPlugin("transport-tcp.jar", "2.0.0");
            assertEndedWithoutAByte(client);
        }
        hub.waitUntil("the new transport listens", () -> status().contains("OK        127.0.0.1:" + loaded.port()), this::status);
        try (Socket client = connect()) {
            send(client, "after a swap of the transport");
            client.shutdownOutput();
            assertEndedWithoutAByte(client);
        }
        assertThat(sources()).containsExactly("before", "same connection after a swap of the backend", "after kill -9",
                "after a swap of the transport");
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), loaded.port());
    }

    /** One message, and the wait until it is in the file: what is in sockets when the hub dies is not promised. */
    private void send(Socket client, String source) throws IOException {
        client.getOutputStream().write(("{\"v\":1,\"src\":\"" + source + "\",\"ts\":1697821234567,\"type\":\"heartbeat\"}\n")
                .getBytes(StandardCharsets.UTF_8));
        hub.waitUntil("'" + source + "' is in the file", () -> sources().contains(source), this::status);
    }

    private void assertEndedWithoutAByte(Socket client) throws IOException {
        int read;
        try {
            read = client.getInputStream().read();
        } catch (SocketException reset) {
            // A killed process' connections may be reset; nothing was sent before.
            read = -1;
        }
        assertThat(read).as("the end of the connection and nothing before it").isEqualTo(-1);
    }

    private List<String> sources() {
        return EventFiles.lines(loaded.events()).stream().map(line -> line.replaceAll(".*\"src\":\"([^\"]*)\".*", "$1")).toList();
    }

    private String status() {
        return hub.ask("hub:status");
    }
}
