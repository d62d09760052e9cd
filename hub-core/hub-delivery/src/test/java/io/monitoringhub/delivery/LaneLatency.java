package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetterFiles;
import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.entries.ChunkBuilder;
import io.monitoringhub.log.Append;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The lane on the real log: how fast it reads a backlog, and how long after an append became durable the backend sees it. Run it with the
 * test class path: {@code java -cp ... io.monitoringhub.delivery.LaneLatency FOLDER}.
 */
final class LaneLatency {

    private static final int SAMPLES = 3000;

    private final long[] durableAt = new long[SAMPLES];
    private final long[] seenAt = new long[SAMPLES];
    private volatile long first = Long.MAX_VALUE;

    private LaneLatency() {
    }

    public static void main(String[] arguments) throws IOException {
        new LaneLatency().run(Files.createTempDirectory(Path.of(arguments[0]), "lane-latency"));
    }

    private void run(Path folder) throws IOException {
        LogSettings settings = new LogSettings(folder.resolve("log"), LogSettings.Durability.SYNC, 64 << 20, Duration.ofHours(1), 4L << 30,
                LogSettings.OnFull.BLOCK);
        try (Log log = SegmentedLog.open(settings, new LogEvents() { }, Clock.systemUTC())) {
            Lane lane = new Lane(LaneSettings.of("archive", folder::resolve).with(LaneSettings.Start.OLDEST), log, RouteTable.everythingTo("archive"),
                    new DeadLetterFiles(folder.resolve("dead"), DeadLetterSettings.DEFAULT), Clock.systemUTC(), new SplittableRandom(1), LaneEvents.NONE);
            for (int round = 0; round < 3; round++) {
                backlog(log, lane);
            }
            latency(log, lane);
            lane.drain(Duration.ofSeconds(5));
        }
    }

    private void backlog(Log log, Lane lane) {
        long end = log.endOffset() + 2_000_000;
        for (long offset = log.endOffset(); offset < end; offset += 1000) {
            append(log, 1000, 210);
            while (log.pendingBytes() > 8 << 20) {
                LockSupport.parkNanos(100_000);
            }
        }
        Await.until(() -> log.durableOffset() == end, log::durableOffset);
        Probe probe = new Probe();
        long entries = end - lane.status().position();
        long started = System.nanoTime();
        lane.attach(new ComponentId(Kind.BACKEND, "probe", "archive"), probe);
        Await.until(() -> lane.status().position() == end, lane::status);
        System.out.printf("backlog of %d entries: %.1f M entries/s, %d batches%n", entries,
                entries / ((System.nanoTime() - started) / 1e9) / 1e6, lane.status().counters().batches());
        lane.detach(probe);
    }

    private void latency(Log log, Lane lane) {
        Probe probe = new Probe();
        first = log.endOffset();
        lane.attach(new ComponentId(Kind.BACKEND, "probe", "archive"), probe);
        for (int i = 0; i < SAMPLES; i++) {
            append(log, 1, 210);
            LockSupport.parkNanos(300_000);
        }
        Await.until(() -> lane.status().position() == first + SAMPLES, lane::status);
        long[] latencies = new long[SAMPLES - 500];
        for (int i = 500; i < SAMPLES; i++) {
            latencies[i - 500] = Math.max(0, seenAt[i] - durableAt[i]);
        }
        Arrays.sort(latencies);
        System.out.printf("durable -> write(): p50 %.0f us, p99 %.0f us, max %.0f us%n", latencies[latencies.length / 2] / 1e3,
                latencies[latencies.length * 99 / 100] / 1e3, latencies[latencies.length - 1] / 1e3);
    }

    private void append(Log log, int count, int bytes) {
        ChunkBuilder builder = new ChunkBuilder();
        byte[] text = new byte[count * bytes];
        for (int i = 0; i < count; i++) {
            text[(i + 1) * bytes - 1] = '\n';
            builder.add(i * bytes, (i + 1) * bytes - 1, "queue-service", MessageType.METRIC, -1, i, false, false);
        }
        ByteBuffer payload = ByteBuffer.allocateDirect(builder.encodedBytes());
        builder.encode(text, payload);
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
                if (baseOffset >= first) {
                    durableAt[(int) (baseOffset - first)] = System.nanoTime();
                }
            }

            @Override
            public void failed(IOException cause) {
                cause.printStackTrace();
            }
        });
    }

    private final class Probe implements Backend {
        private long bytes;

        @Override
        public long open(BackendContext context) {
            return context.committed();
        }

        @Override
        public WriteResult write(Batch batch) {
            if (batch.offset(0) >= first) {
                for (int i = 0; i < batch.size(); i++) {
                    seenAt[(int) (batch.offset(i) - first)] = System.nanoTime();
                }
            }
            batch.lines(run -> bytes += run.remaining());
            return WriteResult.allWritten();
        }

        @Override
        public void close() {
        }
    }
}
