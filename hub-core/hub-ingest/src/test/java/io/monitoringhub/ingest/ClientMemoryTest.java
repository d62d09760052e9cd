package io.monitoringhub.ingest;

import static io.monitoringhub.ingest.IngestFixture.hello;
import static io.monitoringhub.ingest.IngestFixture.line;
import static io.monitoringhub.ingest.IngestFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Ingest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the hub knows of acknowledged clients after its own restart, on a real log. */
@Timeout(180)
class ClientMemoryTest {

    private static final UUID CLIENT = UUID.fromString("6e9f4bd4-7f5c-4a40-8a4c-25f3e0b51f30");
    private static final Instant NOW = Instant.ofEpochMilli(IngestFixture.NOW);

    @TempDir
    private Path folder;
    private SegmentedLog log;
    private IngestEngine engine;
    private Ingest ingest;
    private Instant now = NOW;

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    @Test
    void dropsAfterARestartWhatTheLogHolds() throws Exception {
        startWith(IngestSettings.DEFAULT);
        send(hello(CLIENT, 1) + lines(1, 5));
        restart(false);

        FakePeer again = send(hello(CLIENT, 3) + lines(3, 7));

        assertThat(log.endOffset()).isEqualTo(7);
        assertThat(again.replies()).first().asString().contains("\"acked\":5");
        assertThat(engine.statistics().duplicates()).isEqualTo(3);
    }

    @Test
    void readsOnlyTheLogBehindTheCheckpoint() throws Exception {
        startWith(IngestSettings.DEFAULT);
        send(hello(CLIENT, 1) + lines(1, 5));
        restart(true);
        send(hello(CLIENT, 6) + lines(6, 8));
        restart(false);

        send(hello(CLIENT, 6) + lines(6, 9));

        assertThat(log.endOffset()).isEqualTo(9);
        assertThat(ClientCheckpoint.read(checkpoint()).offset()).isEqualTo(5);
    }

    /** A frame is in the log a moment before its client is told. What is written down in that moment must not pass over it. */
    @Test
    void aCheckpointBetweenTheLogAndItsAcknowledgementForgetsNothing() throws Exception {
        startWith(IngestSettings.DEFAULT);
        Semaphore reached = new Semaphore(0);
        Semaphore go = new Semaphore(0);
        FakePeer slow = new FakePeer().connect(ingest);
        slow.write(hello(new UUID(1, 1), 1));
        slow.whenSent(() -> {
            reached.release();
            go.acquireUninterruptibly();
        });
        slow.write(line(1));
        reached.acquire();
        // While the log's thread is with the first, these two wait, and are durable together.
        slow.write(line(2));
        FakePeer quick = new FakePeer().connect(ingest);
        quick.write(hello(CLIENT, 1) + line(1));
        go.release();
        reached.acquire();
        assertThat(log.durableOffset()).isEqualTo(3);
        engine.checkpointClients(checkpoint());
        go.release();
        awaitAppended();
        slow.disconnect();
        quick.disconnect();
        restart(false);

        send(hello(CLIENT, 1) + line(1));

        assertThat(log.endOffset()).as("stored once").isEqualTo(3);
    }

    @Test
    void aDamagedCheckpointIsMadeGoodFromTheLog() throws Exception {
        startWith(IngestSettings.DEFAULT);
        send(hello(CLIENT, 1) + lines(1, 5));
        engine.checkpointClients(checkpoint());
        byte[] whole = Files.readAllBytes(checkpoint());
        for (int damaged = 0; damaged < whole.length; damaged++) {
            byte[] bytes = whole.clone();
            bytes[damaged] ^= 0x10;
            Files.write(checkpoint(), bytes);
            restart(false);
            send(hello(CLIENT, 1) + lines(1, 5));
            assertThat(log.endOffset()).as("byte %d", damaged).isEqualTo(5);
        }
    }

    @Test
    void aClientThatIsNotHeardOfForLongIsForgotten() throws Exception {
        IngestSettings standard = IngestSettings.DEFAULT;
        startWith(new IngestSettings(standard.maxMessageBytes(), standard.pauseAboveBytes(), standard.clockTolerance(), 10, Duration.ofDays(1)));
        send(hello(CLIENT, 1) + lines(1, 5));
        now = NOW.plus(Duration.ofDays(2));
        restart(true);
        assertThat(engine.statistics().clients()).isZero();
    }

    @Test
    void theLongestUnusedClientMakesRoomForANewOne() throws Exception {
        IngestSettings standard = IngestSettings.DEFAULT;
        startWith(new IngestSettings(standard.maxMessageBytes(), standard.pauseAboveBytes(), standard.clockTolerance(), 3, Duration.ofDays(1)));
        for (int n = 0; n < 10; n++) {
            send(hello(new UUID(1, n), 1) + lines(1, 2));
        }
        assertThat(engine.statistics().clients()).isEqualTo(3);
    }

    private void startWith(IngestSettings settings) throws IOException {
        log = SegmentedLog.open(new LogSettings(folder.resolve("log"), LogSettings.Durability.OS, 1 << 20, Duration.ofHours(1), 1 << 26,
                LogSettings.OnFull.BLOCK), LogEvents.none(), Clock.fixed(now, ZoneOffset.UTC));
        engine = new IngestEngine(log, settings, (transport, peer, refusal, bytes, from, to) -> { }, new Access(), Clock.fixed(now, ZoneOffset.UTC), "hub");
        engine.recoverClients(checkpoint());
        ingest = engine.ingest(new ComponentId(Kind.TRANSPORT, "tcp", "tcp"), IngestFixture.NO_HEALTH, UnaryOperator.identity(), IngestFixture.NO_SOCKETS,
                IngestFixture.NO_CODECS);
    }

    /** As after a crash, or with a checkpoint written just before. */
    private void restart(boolean withCheckpoint) throws IOException {
        if (withCheckpoint) {
            engine.checkpointClients(checkpoint());
        }
        log.close();
        startWith(engine.settings());
    }

    /** Sends and disconnects; everything is in the log when this returns. */
    private FakePeer send(String text) throws IOException {
        FakePeer peer = new FakePeer().connect(ingest);
        peer.write(text);
        awaitAppended();
        peer.disconnect();
        return peer;
    }

    private void awaitAppended() {
        while (engine.statistics().pendingBytes() > 0) {
            Thread.onSpinWait();
        }
    }

    private Path checkpoint() {
        return folder.resolve("clients");
    }
}
