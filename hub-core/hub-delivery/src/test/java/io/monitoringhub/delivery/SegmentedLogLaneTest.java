package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.deadletters.DeadLetterFiles;
import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.log.Append;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes on the log that the hub runs on, over restarts. */
class SegmentedLogLaneTest {

    @TempDir
    private Path folder;

    private final KeepingBackend.Destination destination = new KeepingBackend.Destination();

    @Test
    void everyEntryArrivesOnceAndInOrderOverSwapsAndRestarts() throws Exception {
        long end = 0;
        for (int restart = 0; restart < 3; restart++) {
            try (Log log = open()) {
                assertThat(log.endOffset()).isEqualTo(end);
                Lane lane = lane(log);
                KeepingBackend backend = swapUnderLoad(log, lane);
                assertThat(backend.broken).isEmpty();
                Detachment drained = lane.drain(Duration.ofMinutes(1));
                end = log.endOffset();
                assertThat(drained.committed()).isEqualTo(end);
                assertThat(lane.status().counters().missingEntries()).isZero();
            }
            assertThat(destination.offsets()).isEqualTo(Bench.range(0, end));
        }
    }

    @Test
    void aHubThatDiesRepeatsOnlyWhatWasNotFlushed() throws Exception {
        try (Log log = open()) {
            append(log, 0, 1000);
            Lane lane = lane(log);
            lane.attach(Bench.ID, new KeepingBackend(destination));
            Await.until(() -> lane.status().committed() == 1000, lane::status);
            lane.drain(Duration.ZERO);
            append(log, 1000, 1000);
            Lane dying = lane(log);
            dying.attach(Bench.ID, new KeepingBackend(destination) {
                @Override
                WriteResult take(Batch batch) {
                    throw new OutOfMemoryError("simulated");
                }
            });
            Await.until(() -> dying.status().state() == LaneState.FAILED, dying::status);
        }
        try (Log log = open()) {
            Lane lane = lane(log);
            lane.attach(Bench.ID, new KeepingBackend(destination));
            Await.until(() -> lane.status().committed() == 2000, lane::status);
            lane.drain(Duration.ZERO);
        }
        assertThat(destination.offsets()).isEqualTo(Bench.range(0, 2000));
    }

    @Test
    void class06_aRestartSendsNothingAgainThatWasCommitted() throws Exception {
        try (Log log = open()) {
            append(log, 0, 1000);
            Lane lane = lane(log);
            lane.attach(Bench.ID, new KeepingBackend(destination));
            assertThat(lane.drain(Duration.ofMinutes(1)).committed()).isEqualTo(1000);
        }
        try (Log log = open()) {
            Lane lane = lane(log);
            KeepingBackend backend = new KeepingBackend(destination);
            lane.attach(Bench.ID, backend);
            append(log, 1000, 1);
            assertThat(lane.drain(Duration.ofMinutes(1)).committed()).isEqualTo(1001);
            assertThat(backend.largest).isEqualTo(1);
        }
        assertThat(destination.offsets()).isEqualTo(Bench.range(0, 1001));
    }

    private KeepingBackend swapUnderLoad(Log log, Lane lane) throws InterruptedException {
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong next = new AtomicLong(log.endOffset());
        Thread sender = new Thread(() -> {
            while (!isOver.get()) {
                append(log, next.getAndAdd(50), 50);
                Await.until(() -> log.endOffset() - lane.status().position() < 50_000, lane::status);
            }
        });
        sender.start();
        KeepingBackend current = new KeepingBackend(destination);
        lane.attach(Bench.ID, current);
        for (int i = 0; i < 8; i++) {
            long before = lane.status().position();
            Await.until(() -> lane.status().position() > before, lane::status);
            lane.detach(current);
            current = new KeepingBackend(destination);
            lane.attach(Bench.ID, current);
        }
        isOver.set(true);
        sender.join();
        return current;
    }

    private Log open() throws IOException {
        return SegmentedLog.open(new LogSettings(folder.resolve("log"), LogSettings.Durability.OS, 1 << 20, Duration.ofHours(1), 1L << 30,
                LogSettings.OnFull.BLOCK), new LogEvents() { }, Clock.systemUTC());
    }

    private Lane lane(Log log) throws IOException {
        return new Lane(Bench.settings("archive"), log, RouteTable.everythingTo("archive"), new DeadLetterFiles(folder.resolve("dead"), DeadLetterSettings.DEFAULT),
                Clock.systemUTC(), new SplittableRandom(1), LaneEvents.NONE);
    }

    private static void append(Log log, long base, int count) {
        ChunkBuilder builder = new ChunkBuilder();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            int from = text.length();
            text.append("{\"n\":").append(base + i).append('}');
            builder.add(from, text.length(), "s", MessageType.METRIC, -1, 1, false, false);
            text.append('\n');
        }
        ByteBuffer payload = ByteBuffer.allocate(builder.encodedBytes());
        builder.encode(text.toString().getBytes(StandardCharsets.UTF_8), payload);
        payload.flip();
        log.append(new Append() {
            @Override
            public ByteBuffer payload() {
                return payload;
            }

            @Override
            public int count() {
                return count;
            }

            @Override
            public void durable(long baseOffset) {
                assertThat(baseOffset).isEqualTo(base);
            }

            @Override
            public void failed(IOException cause) {
                throw new AssertionError(cause);
            }
        });
    }
}
