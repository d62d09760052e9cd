package io.monitoringhub.benchmarks.hub;

import io.monitoringhub.benchmarks.load.LatencyHistogram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** How long the disk takes to make data durable. Durable figures can't be compared without it. Immutable. */
public final class DiskProbe {
    private static final int SAMPLES = 101;
    private static final int BYTES = 4096;
    private static final long TICK_NANOS = 1_000_000;
    private static final long LONG_NANOS = 10_000_000;
    private static final int PIECE_BYTES = 1 << 20;

    /**
     * What the disk did with a constant stream of bytes.
     *
     * @param p50Millis half of the bytes were durable so long after they came, or sooner
     * @param p99Millis 99 % of them
     * @param maxMillis all of them
     * @param shareInLongForces share of the time that passed in forces of more than 10 ms
     * @param forces how many
     */
    public record AtRate(double bytesPerSecond, double p50Millis, double p99Millis, double maxMillis, double shareInLongForces, long forces) {
        /** By name, for JSON. */
        public Map<String, Object> json() {
            return Map.of("bytesPerSecond", bytesPerSecond, "p50Millis", p50Millis, "p99Millis", p99Millis, "maxMillis", maxMillis,
                    "shareInForcesAbove10ms", shareInLongForces, "forces", forces);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.1f MB/s appended to one file, fdatasync after each piece: arrival to durable p50 %.3f ms,"
                    + " p99 %.3f ms, max %.0f ms; %.1f %% of the time in forces above 10 ms (%,d forces)", bytesPerSecond / 1e6, p50Millis,
                    p99Millis, maxMillis, 100 * shareInLongForces, forces);
        }
    }

    private DiskProbe() {
    }

    /** The median time of an append and an fdatasync in a new file in {@code folder}. */
    public static double medianMillis(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "disk-probe-", ".tmp");
        long[] nanos = new long[SAMPLES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BYTES);
            for (int i = 0; i < SAMPLES; i++) {
                long start = System.nanoTime();
                channel.write(block.clear());
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
        } finally {
            Files.delete(file);
        }
        Arrays.sort(nanos);
        return nanos[SAMPLES / 2] / 1e6;
    }

    /**
     * Appends what came since the last look to one file and forces it, again and again: group commit with nothing around it. Bytes come
     * once in a millisecond. A log with acknowledgements on the same disk can't be quicker than this.
     */
    public static AtRate atRate(Path folder, double bytesPerSecond, Duration duration) throws IOException {
        Path file = Files.createTempFile(folder, "disk-probe-", ".tmp");
        LatencyHistogram latencies = new LatencyHistogram();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        double bytesPerTick = bytesPerSecond * TICK_NANOS / 1e9;
        long ticks = duration.toNanos() / TICK_NANOS;
        long done = 0;
        long forces = 0;
        long inLongForces = 0;
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            while (done < ticks) {
                long due = Math.min(ticks, (System.nanoTime() - start) / TICK_NANOS);
                if (due == done) {
                    LockSupport.parkNanos(start + (done + 1) * TICK_NANOS - System.nanoTime());
                    continue;
                }
                append(channel, piece, (long) (due * bytesPerTick) - (long) (done * bytesPerTick));
                long before = System.nanoTime();
                channel.force(false);
                long now = System.nanoTime();
                inLongForces += now - before > LONG_NANOS ? now - before : 0;
                forces++;
                while (done < due) {
                    latencies.add(now - start - ++done * TICK_NANOS);
                }
            }
        } finally {
            Files.delete(file);
        }
        return new AtRate(bytesPerSecond, latencies.millisAt(0.5), latencies.millisAt(0.99), latencies.maxNanos() / 1e6,
                inLongForces / (double) (System.nanoTime() - start), forces);
    }

    private static void append(FileChannel channel, ByteBuffer piece, long bytes) throws IOException {
        for (long left = bytes; left > 0;) {
            left -= channel.write(piece.clear().limit((int) Math.min(left, PIECE_BYTES)));
        }
    }
}
