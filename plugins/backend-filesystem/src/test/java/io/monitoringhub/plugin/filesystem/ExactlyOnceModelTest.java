package io.monitoringhub.plugin.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever happens, in whatever order: the files hold what was committed, in order, once. */
class ExactlyOnceModelTest {

    private static final String LOG = "model-log";
    private static final long START = Instant.parse("2026-11-22T21:00:00Z").toEpochMilli();

    enum Kinds {
        WRITE, COMMIT, COMMIT_NOT_STORED, CRASH, CLOSE, KILL_SOON, FULL, INTERRUPT, LATER, EARLIER
    }

    record Action(Kinds kind, int amount) { }

    @Property(tries = 150)
    void holds_exactly_what_was_committed(@ForAll("actions") List<Action> actions, @ForAll("configs") Map<String, Object> config)
            throws Exception {
        Path home = Files.createTempDirectory("model");
        Lane lane = new Lane(home, config);
        try {
            for (Action action : actions) {
                lane.perform(action);
            }
            lane.finish();
        } finally {
            lane.abandon();
            try (Stream<Path> all = Files.walk(home)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Kinds> kinds = Arbitraries.frequency(Tuple.of(12, Kinds.WRITE), Tuple.of(6, Kinds.COMMIT),
                Tuple.of(1, Kinds.COMMIT_NOT_STORED), Tuple.of(1, Kinds.CRASH), Tuple.of(1, Kinds.CLOSE),
                Tuple.of(2, Kinds.KILL_SOON), Tuple.of(1, Kinds.FULL), Tuple.of(1, Kinds.INTERRUPT),
                Tuple.of(3, Kinds.LATER), Tuple.of(1, Kinds.EARLIER));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 40)).as(Action::new).list().ofMinSize(5).ofMaxSize(50);
    }

    @Provide
    Arbitrary<Map<String, Object>> configs() {
        return Combinators.combine(
                Arbitraries.of("events.jsonl", "events-{date}.jsonl", "{source}/{type}.jsonl", "{source}-{hour}.jsonl", "{type}/{date}/{hour}.jsonl"),
                Arbitraries.of("never", "hourly", "daily"), Arbitraries.of(0L, 4_096L, 10_000L), Arbitraries.of(true, false),
                Arbitraries.of(1, 3, 128)).as((file, rotate, bytes, gzip, open) -> Map.of("file", file, "rotate", rotate, "rotate_bytes", bytes,
                        "gzip", gzip, "max_open_files", open));
    }

    /** What the hub does, with a hub that fails in all ways. */
    private static final class Lane {

        private final Path home;
        private final Map<String, Object> config;
        private final TestBackendContext first;
        private final List<TestMessage> log = new ArrayList<>();
        private long time = START;
        private Commit stored = Commit.upTo(0);
        private int written;
        private boolean mustCrash;
        private FaultyDisk disk;
        private FilesystemBackend backend;

        Lane(Path home, Map<String, Object> config) throws Exception {
            this.home = home;
            this.config = config;
            this.first = TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "filesystem", "model"), LOG, home,
                    new TestClock(Instant.ofEpochMilli(START)));
            open();
        }

        private void open() throws Exception {
            disk = new FaultyDisk();
            backend = new FilesystemBackend(TestConfig.of(config), force -> disk, 2);
            assertThat(backend.open(first.after(stored))).isEqualTo(stored.next());
            written = (int) stored.next();
            mustCrash = false;
            check();
        }

        void perform(Action action) throws Exception {
            try {
                switch (action.kind) {
                    case WRITE -> write(action.amount);
                    case COMMIT -> commit(true);
                    case COMMIT_NOT_STORED -> commit(false);
                    case CRASH -> crash();
                    case CLOSE -> {
                        backend.close();
                        open();
                    }
                    case KILL_SOON -> disk.killAfter(action.amount);
                    case FULL -> fill(action.amount);
                    case INTERRUPT -> interrupt();
                    case LATER -> time += action.amount * 300_000L;
                    case EARLIER -> time -= action.amount * 60_000L;
                }
            } catch (FaultyDisk.Killed e) {
                crash();
            }
        }

        private void crash() throws Exception {
            disk.kill();
            backend.close();
            while (true) {
                try {
                    open();
                    return;
                } catch (FaultyDisk.Killed e) {
                    backend.close();
                }
            }
        }

        /** Where the clock went back another batch begins: within one, only the times of the first and the last entry are looked at. */
        private TestBatch batch(int count) {
            while (log.size() < written + count) {
                int i = log.size();
                String source = "s" + i * 7 % 6;
                TestMessage message = i % 3 == 0 ? TestMessage.metric(source, time, "m", i)
                        : TestMessage.event(source, time, i + "x".repeat(i * 131 % 600));
                log.add(message);
            }
            int end = written + 1;
            while (end < written + count && log.get(end).receivedAt() >= log.get(end - 1).receivedAt()) {
                end++;
            }
            return TestBatch.of(LOG, written, log.subList(written, end));
        }

        private void write(int amount) throws Exception {
            TestBatch batch = batch(1 + amount);
            backend.write(batch);
            batch.overwriteMemory();
            written = (int) batch.next();
        }

        private void fill(int amount) throws Exception {
            disk.room(amount * 200L);
            try {
                write(amount);
            } catch (TransientDeliveryException e) {
                assertThat(e).hasMessageContaining("No space left");
            } finally {
                disk.room(Long.MAX_VALUE);
            }
        }

        private void interrupt() throws DeliveryException {
            Thread.currentThread().interrupt();
            try {
                TestBatch batch = batch(5);
                backend.write(batch);
                written = (int) batch.next();
            } catch (InterruptedException e) {
                // the batch comes again
            } finally {
                Thread.interrupted();
            }
        }

        private void commit(boolean isStored) throws Exception {
            if (mustCrash) {
                crash();
            }
            Commit commit = backend.flush(written);
            assertThat(commit.next()).isEqualTo(written);
            if (isStored) {
                stored = commit;
            } else {
                mustCrash = true;
            }
        }

        void finish() throws Exception {
            crash();
            write(10);
            commit(true);
            commit(true);
            backend.close();
            open();
        }

        void abandon() {
            disk.kill();
            backend.close();
        }

        /** Files hold what the cursor says, when nothing was written since. */
        private void check() throws IOException {
            Map<String, Integer> offsets = new HashMap<>();
            Map<String, List<Integer>> expected = new TreeMap<>();
            for (int offset = 0; offset < log.size(); offset++) {
                offsets.put(log.get(offset).text(), offset);
                if (offset < stored.next()) {
                    expected.computeIfAbsent(stream(log.get(offset)), name -> new ArrayList<>()).add(offset);
                }
            }
            Path folder = home.resolve("data/events");
            Map<String, List<Integer>> found = new TreeMap<>();
            Stored.streams(folder).forEach((stream, lines) -> found.put(stream, lines.stream().map(offsets::get).toList()));
            found.values().removeIf(List::isEmpty);
            assertThat(found).as("offsets in %s", Stored.files(folder)).isEqualTo(expected);
        }

        private String stream(TestMessage message) {
            Instant at = Instant.ofEpochMilli(message.receivedAt());
            String type = message.type() == MessageType.METRIC ? "metric" : "event";
            return ((String) config.get("file")).replace("{source}", message.source()).replace("{type}", type)
                    .replace("{date}", at.toString().substring(0, 10))
                    .replace("{hour}", String.format("%02d", at.atZone(ZoneOffset.UTC).getHour()));
        }
    }
}
