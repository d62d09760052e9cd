package io.monitoringhub.benchmarks;

import io.monitoringhub.benchmarks.hub.Heap;
import io.monitoringhub.benchmarks.hub.ProcessCost;
import io.monitoringhub.benchmarks.load.LatencyHistogram;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.message.Messages;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Sends a load to a receiver, awaits it in the files, verifies it, and adds up what it cost. Used by one thread at a time. */
final class Measurement {
    /** The warm-up's connections are numbered from here, apart from the measured ones. */
    private static final int WARM_UP_CONNECTION = 50_000;

    private final String mode;
    private final boolean acknowledged;
    private final int connections;
    private final long messages;
    private final long rate;
    private final int block;
    private final int threads;
    private final long window;
    private final long warmUp;
    private final long seconds;
    private final Duration patience;

    Measurement(Arguments arguments) {
        mode = arguments.text("mode").orElse("plain");
        acknowledged = mode.equals("acknowledged");
        connections = (int) arguments.number("connections", 8);
        messages = arguments.number("messages", 10_000_000);
        rate = arguments.number("rate", 0);
        block = (int) arguments.number("block", 128 * 1024);
        threads = (int) arguments.number("threads", 0);
        window = arguments.number("window", 4 << 20);
        warmUp = arguments.number("warm-up", 0);
        seconds = arguments.number("seconds", 20);
        patience = Duration.ofSeconds(arguments.number("timeout", 120));
        if (!acknowledged && !mode.equals("plain")) {
            throw new IllegalArgumentException("--mode " + mode + ": expected plain or acknowledged");
        }
    }

    /** The load in words. */
    String load() {
        return connections + " connections, " + mode + (rate == 0 ? "" : ", " + rate + " messages/s");
    }

    /** What the messages of an acknowledged load at a fixed rate come to; 0 where acknowledgements say nothing about the disk. */
    double acknowledgedBytesPerSecond() {
        return acknowledged ? rate * Messages.meanLength() : 0;
    }

    /** As fast as it goes, or at the rate given. */
    Result throughput(Target target) throws IOException, InterruptedException, TimeoutException {
        FileProgress progress = new FileProgress(target.files());
        Map<Integer, Long> sent = new HashMap<>();
        if (warmUp > 0) {
            LoadReport warm = generator(target, warmUp).firstConnection(WARM_UP_CONNECTION).build().run();
            sent.putAll(warm.sentByConnection());
            progress.awaitBytes(bytes(sent), patience);
        }
        ProcessCost before = ProcessCost.of(target.pid());
        LoadReport load = generator(target, messages).build().run();
        sent.putAll(load.sentByConnection());
        long end = arrived(progress, bytes(sent));
        ProcessCost after = ProcessCost.of(target.pid());
        Map<String, Object> more = more(target, before, load);
        Heap.of(target.pid()).ifPresent(heap -> more.put("heap committed MB", heap.committedBytes() / 1_024_000));
        VerificationReport found = verify(target, sent, load);
        boolean complete = load.isClean() && load.sent() == messages && found.isClean();
        return new Result(target.what(), load.sent(), (end - load.firstNanos()) / 1e9, cpu(before, after, load.sent()),
                load.cpuMicrosPerMessage(), after.peakResidentBytes(), complete, more);
    }

    /** At a fixed rate, from the write of a message to its line in the file. */
    Result latency(Target target) throws IOException, InterruptedException {
        long perSecond = rate == 0 ? 20_000 : rate;
        long total = perSecond * seconds;
        LatencyProbe probe = new LatencyProbe(connections, 0, total, Duration.ofSeconds(Math.min(5, seconds / 4)));
        ProcessCost before = ProcessCost.of(target.pid());
        LoadReport load = probe.run(generator(target, total).rate(perSecond), target.files(), patience);
        ProcessCost after = ProcessCost.of(target.pid());
        Map<String, Object> more = more(target, before, load);
        percentiles("write to line ms", probe.latencies(), more);
        VerificationReport found = verify(target, load.sentByConnection(), load);
        return new Result(target.what() + ", latency", load.sent(), load.seconds(), cpu(before, after, load.sent()),
                load.cpuMicrosPerMessage(), after.peakResidentBytes(), load.isClean() && found.isClean(), more);
    }

    /** When all was there. If it never is, the verifier says what is missing: that is worth more than an abort. */
    private long arrived(FileProgress progress, long bytes) throws IOException, InterruptedException {
        try {
            return progress.awaitBytes(bytes, patience);
        } catch (TimeoutException e) {
            System.err.println("run: " + e.getMessage());
            return System.nanoTime();
        }
    }

    private LoadGenerator.Builder generator(Target target, long count) {
        return LoadGenerator.to(target.address()).connections(connections).messages(count).rate(rate).blockBytes(block).threads(threads)
                .acknowledged(acknowledged).windowBytes(window);
    }

    private static long bytes(Map<Integer, Long> sent) {
        return sent.values().stream().mapToLong(last -> Messages.bytes(1, last)).sum();
    }

    private static double cpu(ProcessCost before, ProcessCost after, long count) {
        return (after.cpuSeconds() - before.cpuSeconds()) * 1e6 / count;
    }

    private static VerificationReport verify(Target target, Map<Integer, Long> sent, LoadReport load) throws IOException {
        VerificationReport found = new Verifier(target.files()).sent(sent).acknowledged(load.ackedByConnection()).verify();
        if (!found.isClean() || !load.isClean()) {
            System.err.println(found);
            load.problems().forEach(System.err::println);
        }
        return found;
    }

    private static Map<String, Object> more(Target target, ProcessCost before, LoadReport load) {
        Map<String, Object> more = new LinkedHashMap<>(target.known());
        more.put("MB before", before.residentBytes() / 1_000_000);
        if (load.ackLatencies().total() > 0) {
            percentiles("ack ms", load.ackLatencies(), more);
        }
        return more;
    }

    private static void percentiles(String name, LatencyHistogram latencies, Map<String, Object> more) {
        more.put(name + " p50", latencies.millisAt(0.5));
        more.put(name + " p99", latencies.millisAt(0.99));
        more.put(name + " p99.9", latencies.millisAt(0.999));
        more.put(name + " max", latencies.maxNanos() / 1e6);
    }
}
