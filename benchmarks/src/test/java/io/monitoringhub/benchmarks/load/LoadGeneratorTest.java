package io.monitoringhub.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.RawSink;
import io.monitoringhub.benchmarks.message.Messages;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class LoadGeneratorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1,1,10000,131072", "8,2,50003,131072", "8,1,20000,1", "300,3,20000,131072", "5,1,3,65536"})
    void plainMessagesArriveOnceAndInOrder(int connections, int threads, long messages, int block) throws Exception {
        try (RawSink sink = new RawSink(0, folder, 0)) {
            LoadReport report = LoadGenerator.to(loopback(sink.port())).connections(connections).firstConnection(100).threads(threads)
                    .messages(messages).blockBytes(block).build().run();

            assertThat(report.isClean()).as("%s", report.problems()).isTrue();
            assertThat(report.sent()).isEqualTo(messages);
            new FileProgress(folder).awaitCount(messages, PATIENCE);
            assertThat(new Verifier(folder).sent(report.sentByConnection()).verify()).matches(VerificationReport::isClean);
        }
    }

    @Test
    void aPacedRunSendsEverythingAndTellsOfEveryBlock() throws Exception {
        AtomicLong told = new AtomicLong();
        try (RawSink sink = new RawSink(0, folder, 0)) {
            LoadReport report = LoadGenerator.to(loopback(sink.port())).connections(3).messages(10_001).rate(50_000)
                    .listener((connection, first, last, nanoTime) -> told.addAndGet(last - first + 1)).build().run();

            assertThat(report.sent()).isEqualTo(10_001);
            assertThat(told).hasValue(10_001);
            assertThat(report.seconds()).as("not faster than the rate").isGreaterThan(0.17);
        }
    }

    @Test
    void stopEndsAnEndlessRunAtAWholeMessage() throws Exception {
        try (RawSink sink = new RawSink(0, folder, 0);
                LoadRun run = LoadGenerator.to(loopback(sink.port())).connections(4).messages(0).rate(200_000).build().start()) {
            new FileProgress(folder).awaitCount(1_000, PATIENCE);
            run.stop();
            LoadReport report = run.await();

            assertThat(report.isClean()).isTrue();
            new FileProgress(folder).awaitCount(report.sent(), PATIENCE);
            assertThat(new Verifier(folder).sent(report.sentByConnection()).verify()).matches(VerificationReport::isClean);
        }
    }

    @Test
    void withoutReconnectABrokenConnectionIsAnError() throws Exception {
        try (Socket nobody = nobody()) {
            LoadReport report = LoadGenerator.to(loopback(nobody.getLocalPort())).connections(2).messages(10).build().run();
            assertThat(report.isClean()).isFalse();
            assertThat(report.problems()).hasSize(2).allMatch(problem -> problem.contains("broke: Connection refused"));
        }
    }

    @Test
    void everythingArrivesExactlyOnceThoughTheHubDropsConnectionsAndAcknowledgesInPart() throws Exception {
        try (ScriptedHub hub = new ScriptedHub(folder, LoadGeneratorTest::dropTwice)) {
            LoadReport report = acknowledged(hub, 4, 40_000).build().run();

            assertThat(report.isClean()).as("%s", report.problems()).isTrue();
            assertThat(report.acked()).isEqualTo(40_000);
            assertThat(report.reconnects()).isEqualTo(8);
            assertThat(hub.connections()).isEqualTo(12);
            assertThat(report.ackLatencies().total()).isPositive();
            assertThat(hub.failures).isEmpty();
            VerificationReport found = new Verifier(folder).sent(report.sentByConnection()).acknowledged(report.ackedByConnection()).verify();
            assertThat(found).matches(VerificationReport::isClean);
            assertThat(found.messages()).isEqualTo(40_000);
        }
    }

    private static void dropTwice(int connection, long line, ScriptedHub.Replies replies) throws IOException {
        if (connection == 1 && line == 700) {
            replies.ack(500);
        } else if (connection == 1 && line == 1_500 || connection == 2 && line == 6_000) {
            replies.drop();
        } else if (connection > 2 && (line % 100 == 0 || line == 10_000)) {
            replies.ack(line);
        }
    }

    @Test
    void noMoreThanTheWindowIsUnacknowledged() throws Exception {
        int window = 10;
        long[] acked = {0};
        try (ScriptedHub hub = new ScriptedHub(folder, (connection, line, replies) -> {
            assertThat(line - acked[0]).isLessThanOrEqualTo(window);
            if (line % 7 == 0 || line == 500) {
                acked[0] = line - line % 3;
                replies.ack(acked[0]);
            }
            if (line == 500) {
                replies.ack(500);
            }
        })) {
            LoadReport report = acknowledged(hub, 1, 500).windowBytes((long) (window * Messages.meanLength()) + 10).build().run();
            assertThat(hub.failures).isEmpty();
            assertThat(report.acked()).isEqualTo(500);
        }
    }

    @Test
    void refusedMessagesAreReported() throws Exception {
        try (ScriptedHub hub = new ScriptedHub(folder, (connection, line, replies) -> {
            if (line == 3) {
                replies.send("{\"v\":1,\"type\":\"error\",\"data\":{\"seq\":3,\"code\":\"bad_field\",\"reason\":\"percent is missing\"}}");
            }
            if (line == 5) {
                replies.ack(5);
            }
        })) {
            LoadReport report = acknowledged(hub, 1, 5).build().run();
            assertThat(report.refused()).isEqualTo(1);
            assertThat(report.isClean()).isFalse();
            assertThat(report.problems()).singleElement().asString().contains("percent is missing");
        }
    }

    @Test
    void aHubThatAcknowledgesMoreThanWasSentIsLeft() throws Exception {
        try (ScriptedHub hub = new ScriptedHub(folder, (connection, line, replies) -> replies.ack(6))) {
            LoadReport report = acknowledged(hub, 1, 5).build().run();
            assertThat(report.isClean()).isFalse();
            assertThat(report.problems()).singleElement().asString().contains("acknowledged line 6, but only 5 were sent");
        }
    }

    @Test
    void anErrorOfTheSessionIsNoRefusedMessage() throws Exception {
        try (ScriptedHub hub = new ScriptedHub(folder, (connection, line, replies) -> {
            if (connection == 1) {
                replies.send("{\"v\":1,\"type\":\"error\",\"data\":{\"seq\":0,\"code\":\"fenced\",\"reason\":\"a second hello\"}}");
                replies.drop();
            }
            replies.ack(line);
        })) {
            LoadReport report = acknowledged(hub, 1, 5).build().run();
            assertThat(report.isClean()).as("%s", report.problems()).isTrue();
            assertThat(report.acked()).isEqualTo(5);
        }
    }

    @Test
    void aStoppedAcknowledgedRunWaitsForWhatItSent() throws Exception {
        try (ScriptedHub hub = new ScriptedHub(folder, (connection, line, replies) -> replies.ack(line));
                LoadRun run = acknowledged(hub, 2, 0).rate(20_000).build().start()) {
            new FileProgress(folder).awaitCount(200, PATIENCE);
            run.stop();
            LoadReport report = run.await();
            assertThat(report.acked()).isEqualTo(report.sent()).isGreaterThanOrEqualTo(200);
        }
    }

    @Test
    void aHubThatStaysAwayIsGivenUpInTime() throws Exception {
        AtomicLong time = new AtomicLong();
        try (Socket nobody = nobody()) {
            // Every look at the clock takes 20 ms of its own time, so that a minute passes in no time.
            LoadReport report = LoadGenerator.to(loopback(nobody.getLocalPort())).connections(1).messages(10).acknowledged(true)
                    .reconnectFor(Duration.ofSeconds(2)).clocks(() -> time.addAndGet(20_000_000), () -> 0).build().run();
            assertThat(report.isClean()).isFalse();
            assertThat(report.reconnects()).isBetween(5L, 100L);
        }
    }

    /** Has a port and does not listen: it refuses, and nobody else gets it meanwhile. */
    private static Socket nobody() throws IOException {
        Socket socket = new Socket();
        socket.bind(loopback(0));
        return socket;
    }

    private static LoadGenerator.Builder acknowledged(ScriptedHub hub, int connections, long messages) {
        return LoadGenerator.to(hub.address()).connections(connections).messages(messages).acknowledged(true).reconnectFor(PATIENCE);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
