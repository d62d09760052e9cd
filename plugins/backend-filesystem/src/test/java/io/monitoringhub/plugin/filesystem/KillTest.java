package io.monitoringhub.plugin.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes at full speed is killed again and again. */
class KillTest {

    private static final String LOG = "kill-log";
    private static final int ROUNDS = 6;
    private static final long DAY = Instant.parse("2026-11-22T00:00:00Z").toEpochMilli();
    private static final Map<String, Object> CONFIG = Map.of("file", "{source}.jsonl", "rotate_bytes", 200_000L, "gzip", true,
            "max_open_files", 4, "flush_ms", 5);

    @TempDir
    Path home;

    @Test
    void holds_what_was_committed_after_kill_9() throws Exception {
        Random random = new Random(9);
        long before = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-cp",
                    System.getProperty("java.class.path"), Writer.class.getName(), home.toString()).redirectErrorStream(true)
                    .redirectOutput(home.resolve("writer.log").toFile()).start();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (cursor(home).next() == before && writer.isAlive() && System.nanoTime() < deadline) {
                writer.waitFor(5, TimeUnit.MILLISECONDS);
            }
            assertThat(writer.waitFor(random.nextInt(300), TimeUnit.MILLISECONDS)).as(Files.readString(home.resolve("writer.log"))).isFalse();
            writer.destroyForcibly().waitFor();
            assertThat(cursor(home).next()).isGreaterThan(before);
            before = cursor(home).next();
            check();
        }
    }

    private void check() throws Exception {
        Commit stored = cursor(home);
        FilesystemBackend backend = new FilesystemBackend(TestConfig.of(CONFIG));
        backend.open(context(home).after(stored));
        backend.close();
        Map<String, List<String>> expected = new TreeMap<>();
        for (long offset = 0; offset < stored.next(); offset++) {
            TestMessage message = message(offset);
            expected.computeIfAbsent(message.source() + ".jsonl", name -> new ArrayList<>()).add(message.text());
        }
        Map<String, List<String>> found = Stored.streams(home.resolve("data/events"));
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((stream, lines) -> assertThat(found.get(stream).equals(lines))
                .as("%s: %d lines, expected %d", stream, found.get(stream).size(), lines.size()).isTrue());
    }

    private static TestMessage message(long offset) {
        return TestMessage.event("s" + offset * 31 % 11, DAY + offset, offset + " " + "x".repeat((int) (offset * 17 % 300)));
    }

    private static TestBackendContext context(Path home) {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "filesystem", "kill"), LOG, home, new TestClock(Instant.EPOCH));
    }

    private static Commit cursor(Path home) throws Exception {
        Path file = home.resolve("cursor");
        if (!Files.exists(file)) {
            return Commit.upTo(0);
        }
        byte[] bytes = Files.readAllBytes(file);
        return new Commit(ByteBuffer.wrap(bytes).getLong(), Arrays.copyOfRange(bytes, Long.BYTES, bytes.length));
    }

    /** The hub's part, in a process of its own. */
    static final class Writer {

        private Writer() { }

        public static void main(String[] arguments) throws Exception {
            Path home = Path.of(arguments[0]);
            Commit stored = cursor(home);
            FilesystemBackend backend = new FilesystemBackend(TestConfig.of(CONFIG));
            long next = backend.open(context(home).after(stored));
            Random random = new Random();
            while (true) {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    TestBatch batch = TestBatch.of(LOG, next, LongStream.range(next, next + 1 + random.nextInt(200))
                            .mapToObj(KillTest::message).toList());
                    backend.write(batch);
                    next = batch.next();
                }
                Commit commit = backend.flush(next);
                byte[] state = commit.state();
                Path draft = home.resolve("cursor.tmp");
                Files.write(draft, ByteBuffer.allocate(Long.BYTES + state.length).putLong(commit.next()).put(state).array());
                Files.move(draft, home.resolve("cursor"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
