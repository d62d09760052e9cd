package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hubs as they are shipped, in a chain: TLS both ways, a token, gzip. The first keeps everything in files of its own, too, which are the
 * measure for the second's: the same lines in the same order.
 */
class HubToHubIT {

    private static final int RATE = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long SEED = 20261122;
    /** More of them by {@code -Dhub.rounds=20}. */
    private static final int ROUNDS = Integer.getInteger("hub.rounds", 1);
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    /** One of the sources goes to the second hub: its offsets have gaps. */
    private static final String ROUTED = "queue-service";

    @TempDir
    private Path folder;
    private PackagedHub first;
    private PackagedHub second;
    private int firstPort;
    private int secondPort;

    @BeforeEach
    void start() throws Exception {
        firstPort = TestConfiguration.freePort();
        secondPort = TestConfiguration.freePort();
        first = PackagedHub.unpackInto(folder.resolve("first"));
        second = PackagedHub.unpackInto(folder.resolve("second"));
        certificates().authority("ca");
        certificates().signed("server", "ca");
        certificates().signed("plant", "ca");
        second.configure("""
                transports: { http: { port: %d, tls: { certificate: "%s", key: "%s", client_ca: "%s" } } }
                security: { tokens: { plant: { token: "%s", sources: ["*"] } } }
                backends: { archive: { type: filesystem, path: events } }
                routes: [ { source: "*", to: [archive] } ]
                """.formatted(secondPort, file("server.pem"), file("server.key"), file("ca.pem"), TOKEN)).start();
    }

    @AfterEach
    void stop() throws Exception {
        first.close();
        second.close();
    }

    @Test
    void theSecondThenBothAreKilledUnderLoadAndItHoldsWhatTheFirstHoldsOnceAndInOrder() throws Exception {
        startFirst("*");
        LoadReport sent = killUnderLoad();
        awaitAllDelivered(sent);
        assertThat(secondsLines()).as("the second hub's lines").isEqualTo(firstsLines()).hasSize((int) sent.sent());
    }

    @Test
    void soItIsWhereTheRouteLeavesEntriesOut() throws Exception {
        startFirst(ROUTED);
        LoadReport sent = killUnderLoad();
        awaitAllDelivered(sent);
        List<String> expected = firstsLines().stream().filter(line -> line.contains("\"src\":\"" + ROUTED + "\"")).toList();
        assertThat(expected).hasSizeBetween(1, (int) sent.sent() - 1);
        assertThat(secondsLines()).as("the second hub's lines").isEqualTo(expected);
    }

    @Test
    void aReplayIsThereOnceMoreAndAWrongTokenIsNamed() throws Exception {
        startFirst("*");
        LoadReport sent;
        try (LoadRun load = load().messages(1_000).build().start()) {
            sent = load.await();
        }
        awaitAllDelivered(sent);
        assertThat(first.shell("hub:replay central --from earliest --to 400 --yes").exitCode()).isZero();
        first.waitUntil("the replay is there", () -> EventFiles.lines(second.data().resolve("events")).size() == 1_400,
                () -> first.ask("hub:lanes") + second.ask("hub:lanes"));
        first.stop();
        first.configure(firstConfiguration("*").replace(TOKEN, "f".repeat(32))).start();
        try (LoadRun load = load().messages(10).build().start()) {
            load.await();
        }
        first.waitUntil("the lane says what is wrong", () -> first.lane("central").state().equals("FAILED"), () -> first.ask("hub:lanes"));
        assertThat(first.ask("hub:lanes")).contains("answers 401").contains("set token").doesNotContain(TOKEN);
    }

    private LoadReport killUnderLoad() throws Exception {
        Random random = new Random(SEED);
        try (LoadRun load = load().rate(RATE).messages(0).build().start()) {
            awaitAcked(load, RATE / 2);
            for (int round = 0; round < ROUNDS; round++) {
                for (int again = 0; again < 3; again++) {
                    awaitAcked(load, load.acked() + random.nextInt(RATE / 2));
                    second.kill();
                    second.start();
                }
                awaitAcked(load, load.acked() + random.nextInt(RATE / 2));
                first.kill();
                first.start();
                awaitAcked(load, load.acked() + random.nextInt(RATE / 2));
                second.kill();
                awaitAcked(load, load.acked() + random.nextInt(RATE / 2));
                first.kill();
                first.start();
                second.start();
            }
            load.stop();
            return load.await();
        }
    }

    private void startFirst(String routed) throws Exception {
        first.configure(firstConfiguration(routed)).start();
    }

    private String firstConfiguration(String routed) {
        return """
                transports: { tcp: { port: %d } }
                backends:
                  archive: { type: filesystem, path: events }
                  central: { type: http, url: "https://localhost:%d", token: "%s", gzip: true, batch_entries: 100,
                             tls: { ca: "%s", certificate: "%s", key: "%s" }, delivery: { retry: { base: 50ms, max: 1s, budget: 100%% } } }
                routes: [ { source: "*", to: [archive], continue: true }, { source: "%s", to: [central] } ]
                """.formatted(firstPort, secondPort, TOKEN, file("ca.pem"), file("plant.pem"), file("plant.key"), routed);
    }

    private LoadGenerator.Builder load() throws IOException {
        return LoadGenerator.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), firstPort)).connections(4).acknowledged(true)
                .reconnectFor(PATIENCE);
    }

    private void awaitAcked(LoadRun load, long count) {
        first.waitUntil(count + " messages are acknowledged", PATIENCE, () -> load.acked() >= count || !load.isRunning(), () -> load.acked() + " are");
        assertThat(load.isRunning()).as("the sender goes on").isTrue();
    }

    private void awaitAllDelivered(LoadReport sent) {
        for (String lane : List.of("archive", "central")) {
            first.waitUntil(lane + " has passed everything", PATIENCE, () -> first.lane(lane).committed() == sent.sent(), () -> first.ask("hub:lanes"));
        }
        second.waitUntil("all of it is in files", PATIENCE, () -> second.ask("hub:lanes").matches("(?s).*\\narchive +OK +([1-9]\\d*) +\\1 +0 .*"),
                () -> second.ask("hub:lanes"));
    }

    private List<String> firstsLines() {
        return EventFiles.lines(first.data().resolve("events"));
    }

    private List<String> secondsLines() {
        return EventFiles.lines(second.data().resolve("events"));
    }

    private TestCertificates certificates() {
        return new TestCertificates(folder);
    }

    private String file(String name) {
        return certificates().file(name);
    }
}
