package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

import io.monitoringhub.log.Append;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.Durability;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.files.DiskFiles;
import io.monitoringhub.log.files.FileSystemPort;

/**
 * The log alone: {@code LogBenchmark <folder> append|latency|read <sync|os|none> <frame bytes> <MiB>}; "none" leaves out the disk's part
 * (forces are not done). Run it with the test class path.
 */
final class LogBenchmark {

    private static final PrintStream OUT = System.out;

    private LogBenchmark() {
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory(Path.of(arguments[0]), "log");
        FileSystemPort files = arguments[2].equals("none") ? new FaultyFiles() : new DiskFiles();
        Durability durability = arguments[2].equals("os") ? Durability.OS : Durability.SYNC;
        LogSettings settings = new LogSettings(folder, durability, 128 << 20, Duration.ofDays(1), 4L << 30, OnFull.BLOCK);
        int frameBytes = Integer.parseInt(arguments[3]);
        long bytes = Long.parseLong(arguments[4]) << 20;
        try (SegmentedLog log = SegmentedLog.open(settings, LogEvents.none(), Clock.systemUTC(), files, Duration.ofSeconds(5))) {
            if (arguments[1].equals("latency")) {
                latency(log, frameBytes, (int) (bytes >> 20));
            } else {
                append(log, frameBytes, Math.min(bytes, 64 << 20), "warm-up");
                append(log, frameBytes, bytes, "append");
                read(log);
            }
        }
    }

    private static void append(SegmentedLog log, int frameBytes, long bytes, String what) throws InterruptedException {
        int inFlight = Math.max(8, (16 << 20) / frameBytes);
        Semaphore free = new Semaphore(inFlight);
        ByteBuffer payload = ByteBuffer.allocateDirect(frameBytes);
        long syncs = log.statistics().syncs().count();
        long start = System.nanoTime();
        for (long sent = 0; sent < bytes; sent += frameBytes) {
            free.acquire();
            log.append(new Counted(payload, free));
        }
        free.acquire(inFlight);
        double seconds = (System.nanoTime() - start) / 1e9;
        OUT.printf("%s: %.0f MB/s, %.0f frames/s, %d forces%n", what, bytes / seconds / 1e6, bytes / frameBytes / seconds,
                log.statistics().syncs().count() - syncs);
    }

    private static void latency(SegmentedLog log, int frameBytes, int times) throws InterruptedException {
        ByteBuffer payload = ByteBuffer.allocateDirect(frameBytes);
        Semaphore free = new Semaphore(0);
        long[] nanos = new long[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            log.append(new Counted(payload, free));
            free.acquire();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        OUT.printf("lone append to durable(): p50 %.3f ms, p99 %.3f ms, most %.3f ms%n", nanos[times / 2] / 1e6,
                nanos[times * 99 / 100] / 1e6,
                nanos[times - 1] / 1e6);
    }

    private static void read(SegmentedLog log) throws IOException {
        long start = System.nanoTime();
        long bytes = 0;
        long frames = 0;
        try (LogReader reader = log.reader(0)) {
            while (reader.position() < log.durableOffset()) {
                for (Frame frame : reader.read(1 << 20)) {
                    bytes += frame.payload().remaining();
                    frames++;
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        OUT.printf("read: %.0f MB/s, %.0f frames/s%n", bytes / seconds / 1e6, frames / seconds);
    }

    private record Counted(ByteBuffer payload, Semaphore free) implements Append {

        @Override
        public int count() {
            return 1;
        }

        @Override
        public void durable(long baseOffset) {
            free.release();
        }

        @Override
        public void failed(IOException cause) {
            throw new AssertionError(cause);
        }
    }
}
