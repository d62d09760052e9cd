package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.load.LatencyHistogram;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.message.MessageCheck;
import io.monitoringhub.benchmarks.verify.FileTailer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * From the write of a message to its line in the file. Sender and reader share one Java process, hence one clock.
 *
 * <p>The reader looks every 0.1 ms or so: that much is in every figure. Used by one thread at a time, but for the
 * sending side.
 */
final class LatencyProbe {
    private static final VarHandle TIMES = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long POLL_NANOS = 50_000;

    private final LatencyHistogram latencies = new LatencyHistogram();
    private final long[][] sendTimes;
    private final int firstConnection;
    private final long messages;
    private final long warmUpNanos;
    private long start;
    private long seen;

    /** @param messages in total; those of the first {@code warmUp} are sent but not counted */
    LatencyProbe(int connections, int firstConnection, long messages, Duration warmUp) {
        this.firstConnection = firstConnection;
        this.messages = messages;
        warmUpNanos = warmUp.toNanos();
        sendTimes = new long[connections][(int) (messages / connections + 2)];
    }

    /** Sends with {@code load} and follows {@code files} until every message is there. */
    LoadReport run(LoadGenerator.Builder load, Path files, Duration patience) throws IOException, InterruptedException {
        start = System.nanoTime();
        long deadline = start + patience.toNanos();
        LoadGenerator generator = load.messages(messages).connections(sendTimes.length).firstConnection(firstConnection)
                .listener(this::sending).build();
        try (FileTailer tailer = new FileTailer(files, this::line); LoadRun run = generator.start()) {
            while (seen < messages && System.nanoTime() - deadline < 0) {
                if (tailer.poll() == 0) {
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
            if (seen < messages) {
                throw new IOException("only " + seen + " of " + messages + " messages appeared in " + files + " within " + patience.toSeconds()
                        + " s; sent " + run.sent());
            }
            return run.await();
        }
    }

    LatencyHistogram latencies() {
        return latencies;
    }

    private void sending(int connection, long first, long last, long nanoTime) {
        long[] times = sendTimes[connection - firstConnection];
        for (long number = first; number <= last; number++) {
            TIMES.setRelease(times, (int) number, nanoTime);
        }
    }

    private void line(byte[] bytes, int from, int end, long offset) {
        long marker = MessageCheck.marker(bytes, from, end);
        int connection = marker == MessageCheck.NONE ? -1 : MessageCheck.connection(marker) - firstConnection;
        if (connection < 0 || connection >= sendTimes.length) {
            return;
        }
        seen++;
        long sent = (long) TIMES.getAcquire(sendTimes[connection], (int) MessageCheck.number(marker));
        if (sent - start >= warmUpNanos) {
            latencies.add(System.nanoTime() - sent);
        }
    }
}
