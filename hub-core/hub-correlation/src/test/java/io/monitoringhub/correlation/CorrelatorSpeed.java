package io.monitoringhub.correlation;

import io.monitoringhub.spi.Level;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Says how many entries one core can follow. Not a test, because it would measure the build machine's other work:
 * {@code java -cp target/classes:target/test-classes:... io.monitoringhub.correlation.CorrelatorSpeed}.
 */
final class CorrelatorSpeed {

    private static final int ENTRIES_PER_FRAME = 500;
    private static final int FRAMES = 1_000;
    private static final int ROUNDS = 8;
    private static final long T = 1_697_821_234_000L;

    private CorrelatorSpeed() {
    }

    public static void main(String[] arguments) {
        measure("untraced events", 0, 0);
        measure("mix: 40 % traced events and metrics, 2 % spans, 1 % progress", 400, 30);
        measure("traced events and metrics only", 1000, 0);
        measure("spans and progress only", 0, 1000);
    }

    private static void measure(String what, int tracedPerMille, int spansPerMille) {
        List<List<Sample>> frames = frames(tracedPerMille, spansPerMille);
        for (int round = 0; round < ROUNDS; round++) {
            FakeLog log = new FakeLog();
            frames.forEach(frame -> Sample.append(log, frame));
            long cpu = follow(log);
            if (round == ROUNDS - 1) {
                System.out.printf("%-62s %,12.0f entries/s of one core%n", what, 1e9 * log.endOffset() / cpu);
            }
        }
    }

    /** @return the processor time of the correlator's thread in nanoseconds */
    private static long follow(FakeLog log) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        CorrelatorSettings defaults = CorrelatorSettings.defaults();
        try (Correlator correlator = new Correlator(log, 0, defaults, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))) {
            correlator.start();
            while (correlator.status().position() < log.endOffset()) {
                LockSupport.parkNanos(1_000_000);
            }
            CorrelatorStatus status = correlator.status();
            if (status.skippedEntries() + status.uncountedEntries() + status.malformedEntries() > 0) {
                throw new IllegalStateException(status.toString());
            }
            Thread follower = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals(Correlator.THREAD_NAME)).findFirst().orElseThrow();
            return threads.getThreadCpuTime(follower.getId());
        }
    }

    private static List<List<Sample>> frames(int tracedPerMille, int spansPerMille) {
        Random random = new Random(1);
        List<List<Sample>> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            List<Sample> frame = new ArrayList<>();
            for (int j = 0; j < ENTRIES_PER_FRAME; j++) {
                frame.add(sample(random, random.nextInt(1000), tracedPerMille, spansPerMille));
            }
            frames.add(frame);
        }
        return frames;
    }

    private static Sample sample(Random random, int dice, int tracedPerMille, int spansPerMille) {
        String trace = "4bf92f3577b34da6a3ce929d0e0e" + (1000 + random.nextInt(5000));
        String source = "service-" + random.nextInt(20);
        long time = T + random.nextInt(1_000_000);
        if (dice < spansPerMille / 3) {
            return Sample.progress(source, time, trace, "job-" + random.nextInt(2000), random.nextInt(100), "running");
        }
        if (dice < spansPerMille) {
            String span = "00f067aa0ba9" + random.nextInt(60);
            return dice % 2 == 0 ? Sample.opens(source, time, trace, span, "00f067aa0ba90", "handle request")
                    : Sample.closes(source, time, trace, span, "ok");
        }
        String id = dice < spansPerMille + tracedPerMille ? trace : "";
        return dice % 4 == 0 ? Sample.metric(source, time, id) : Sample.event(source, time, id, Level.INFO);
    }
}
