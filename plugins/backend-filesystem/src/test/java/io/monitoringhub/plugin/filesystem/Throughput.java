package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How fast the backend writes, for one pattern after the other: messages of 210 bytes, eight sources, batches of 4 MiB, a commit each 250 ms.
 * Arguments: folder, seconds per pattern, then {@code runs} how many messages in a row come from one source.
 */
final class Throughput {

    private Throughput() { }

    public static void main(String[] arguments) throws Exception {
        Path home = arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("throughput");
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        for (int run : new int[] {1, 20, 1_000}) {
            measure(home, "events-{date}.jsonl", run, seconds);
            measure(home, "{source}/{type}-{date}.jsonl", run, seconds);
        }
    }

    private static void measure(Path home, String pattern, int run, int seconds) throws Exception {
        long now = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
        List<TestMessage> messages = IntStream.range(0, 19_000).mapToObj(i -> i % 2 == 0
                ? TestMessage.ofLength(SOURCES[i / run % SOURCES.length], now, 210)
                : TestMessage.metric(SOURCES[i / run % SOURCES.length], now, "m".repeat(110), i)).toList();
        TestBatch batch = TestBatch.of("throughput", 0, messages);
        FilesystemBackend backend = new FilesystemBackend(TestConfig.of(Map.of("file", pattern, "rotate_bytes", 1L << 30)));
        Path folder = Files.createTempDirectory(home, "run");
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "filesystem", "t"), "throughput", folder,
                new TestClock(Instant.now())));
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        long flush = begin;
        long batches = 0;
        Commit commit = Commit.upTo(0);
        while (System.nanoTime() < end) {
            backend.write(batch);
            batches++;
            if (System.nanoTime() - flush > 250_000_000) {
                commit = backend.flush(messages.size());
                flush = System.nanoTime();
            }
        }
        backend.flush(messages.size());
        double took = (System.nanoTime() - begin) / 1e9;
        backend.close();
        System.out.printf("%-30s runs of %4d: %6.0f MB/s, %5.2f million messages/s (state %d bytes)%n", pattern, run,
                batches * batch.bytes() / took / 1e6, batches * messages.size() / took / 1e6, commit.state().length);
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static final String[] SOURCES = {"queue-service", "config-service", "web", "worker-1", "worker-2", "batch", "report", "cron"};
}
