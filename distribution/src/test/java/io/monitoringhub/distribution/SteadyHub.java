package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged hub with every transport, and a good client of it, that must not notice what others send meanwhile. Used by one thread at a
 * time; the good client has its own.
 */
final class SteadyHub implements AutoCloseable {

    static final int GOOD_MESSAGES = 20_000;

    /** A busy machine may take its time; what counts is that everything arrives. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern RSS = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    private final PackagedHub hub;
    private final Path folder;
    private final int tcpPort;
    private final int httpPort;

    private SteadyHub(PackagedHub hub, Path folder, int tcpPort, int httpPort) {
        this.hub = hub;
        this.folder = folder;
        this.tcpPort = tcpPort;
        this.httpPort = httpPort;
    }

    static SteadyHub startIn(Path folder) throws Exception {
        int tcp = TestConfiguration.freePort();
        int http = TestConfiguration.freePort();
        PackagedHub hub = PackagedHub.unpackInto(folder.resolve("hub")).configure("""
                transports:
                  tcp: { port: %d, max_connections: 12000 }
                  unix: { path: run/ingest.sock }
                  http: { port: %d, header_timeout: 2 }
                  spool: { path: spool, poll: 100ms }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(tcp, http));
        return new SteadyHub(hub.start(), folder, tcp, http);
    }

    PackagedHub packaged() {
        return hub;
    }

    int tcpPort() {
        return tcpPort;
    }

    int httpPort() {
        return httpPort;
    }

    String status() {
        try {
            return hub.shell("hub:status").output();
        } catch (IOException e) {
            return "no status: " + e;
        }
    }

    /** Logs all good messages over one acknowledged connection, and closes. */
    CompletableFuture<MonitoringSdk> startGoodClient() {
        return CompletableFuture.supplyAsync(() -> {
            MonitoringSdk sdk = MonitoringSdk.builder().source("good").port(tcpPort).protocol(Protocol.ACKED).bufferMessages(GOOD_MESSAGES * 2)
                    .spoolDirectory(folder.resolve("sdk-spool")).welcomeTimeout(PATIENCE).closeTimeout(PATIENCE).build();
            for (int i = 0; i < GOOD_MESSAGES; i++) {
                sdk.logEvent("info", "message " + i);
            }
            sdk.close();
            return sdk;
        });
    }

    /** Its connection held, nothing of it was refused, and all of it is delivered, once. */
    void assertUnaffected(CompletableFuture<MonitoringSdk> goodClient) {
        MonitoringSdk sdk = goodClient.join();
        assertThat(sdk.stats().acked()).as("%s", sdk.stats()).isBetween((long) GOOD_MESSAGES, GOOD_MESSAGES + 1L);
        assertThat(sdk.stats().connects()).as("connections of the good client").isEqualTo(1);
        assertThat(sdk.stats().refused()).isZero();
        awaitDelivered("good", GOOD_MESSAGES);
    }

    /** Waits until so many messages of a source are in the files; others of it would be doubles. */
    void awaitDelivered(String source, long count) {
        hub.waitUntil("all messages of " + source + " are delivered", () -> delivered(source) >= count, () -> delivered(source) + " of " + count);
        assertThat(delivered(source)).isEqualTo(count);
    }

    private long delivered(String source) {
        return EventFiles.lines(hub.data().resolve("events")).stream()
                .filter(line -> line.contains("\"src\":\"" + source + "\"") && line.contains("\"message ")).count();
    }

    /** It runs, it has not taken more memory than it may, and none of what came was more than it was made for. @return its log */
    String assertSteady() throws IOException {
        assertThat(hub.isRunning()).isTrue();
        assertThat(highestMemory()).as("kB of resident memory at most; the heap's limit is 256 MiB").isLessThan(600_000);
        String log = hub.logTail(10_000);
        assertThat(log).doesNotContain("ERROR").doesNotContain("fault of the hub").doesNotContain("Exception").doesNotContain("OutOfMemory");
        return log;
    }

    private long highestMemory() throws IOException {
        Matcher rss = RSS.matcher(Files.readString(Path.of("/proc/" + hub.pid() + "/status")));
        assertThat(rss.find()).isTrue();
        return Long.parseLong(rss.group(1));
    }

    @Override
    public void close() throws IOException {
        hub.close();
    }
}
