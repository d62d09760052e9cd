package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.S3Server;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which objects there are, what is in them, and what becomes of them when a stretch comes again. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class S3ObjectsTest {

    private static final String LOG = "5f0c6d1e-objects";
    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final String FIRST = "lake-5f0c6d1eobje-0000000000000000000-0000000000000000010";

    @TempDir
    private static Path folder;
    private static S3Server server;

    @TempDir
    private Path home;
    private TestBackendContext context;
    private final List<S3Backend> made = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = S3Objects.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        server.clear();
        context = TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "s3", "lake"), LOG, home, new TestClock(NOW));
    }

    @AfterEach
    void close() {
        made.forEach(S3Backend::close);
    }

    private S3Backend open(Map<String, Object> further) throws Exception {
        S3Backend backend = new S3Backend(S3Objects.config(server.uri(), further));
        made.add(backend);
        assertThat(backend.open(context)).isEqualTo(context.committed());
        return backend;
    }

    private S3Backend through(StoreFront front, Map<String, Object> further) throws Exception {
        S3Backend backend = new S3Backend(S3Objects.config(front.uri(), further));
        made.add(backend);
        backend.open(context);
        return backend;
    }

    private void flush(S3Backend backend, long next) throws Exception {
        Commit commit = backend.flush(next);
        context = context.after(commit);
    }

    private static TestBatch batch(long first, int count, String... sources) {
        return TestBatch.of(LOG, first, IntStream.range(0, count)
                .mapToObj(i -> TestMessage.event(sources[i % sources.length], NOW.toEpochMilli(), "entry " + (first + i))).toList());
    }

    private static List<String> texts(TestBatch batch) {
        return batch.messages().stream().map(TestMessage::text).toList();
    }

    @ParameterizedTest
    @CsvSource({"gzip, .jsonl.gz", "zstd, .jsonl.zst", "none, .jsonl"})
    void each_compression_can_be_read_back(String compression, String extension) throws Exception {
        S3Backend backend = open(Map.of("compression", compression));
        TestBatch batch = batch(0, 10, "a");
        backend.write(batch);
        flush(backend, 10);
        flush(backend, 10);
        assertThat(server.keys()).containsExactly("all/" + FIRST + extension);
        assertThat(S3Objects.lines(server)).containsExactlyElementsOf(texts(batch));
        assertThat(home.resolve("data/s3-spool")).as("nothing is left in the spool").isEmptyDirectory();
    }

    @Test
    void there_is_an_object_for_each_key_and_the_key_tells_source_type_and_time_of_receipt() throws Exception {
        S3Backend backend = open(Map.of("key", "{type}/date={date}/{hour}/{source}-{offsets}", "time_zone", "Asia/Kolkata"));
        TestBatch batch = batch(0, 10, "a", "caf\u00e9/1", "a", "..");
        backend.write(batch);
        flush(backend, 10);
        flush(backend, 10);
        assertThat(server.keys()).containsExactlyInAnyOrder("event/date=2026-11-22/15/a-" + FIRST + ".jsonl.gz",
                "event/date=2026-11-22/15/caf!C3!A9!2F1-" + FIRST + ".jsonl.gz", "event/date=2026-11-22/15/!2E.-" + FIRST + ".jsonl.gz");
        assertThat(S3Objects.lines(server)).containsExactlyInAnyOrderElementsOf(texts(batch));
    }

    @Test
    void objects_of_a_plan_that_get_no_entry_any_more_are_taken_away() throws Exception {
        Map<String, Object> bySource = Map.of("key", "{source}/{offsets}");
        S3Backend first = open(bySource);
        first.write(batch(0, 10, "a", "b"));
        flush(first, 10);
        first.flush(10);
        assertThat(server.keys()).hasSize(2);

        // The commit behind the objects was lost, and the route now leaves b out and lets c in.
        S3Backend second = open(bySource);
        second.write(batch(0, 10, "a", "c"));
        flush(second, 10);
        assertThat(context.committed()).as("the object of c is planned before it is put").isZero();
        flush(second, 10);
        assertThat(context.committed()).isEqualTo(10);
        assertThat(server.keys()).containsExactly("a/" + FIRST + ".jsonl.gz", "c/" + FIRST + ".jsonl.gz");
    }

    @Test
    void a_letter_that_is_delivered_again_gets_an_object_of_its_own() throws Exception {
        S3Backend backend = open(Map.of());
        TestBatch batch = batch(0, 10, "a");
        backend.write(batch);
        flush(backend, 10);
        flush(backend, 10);
        TestBatch letter = batch(3, 1, "b");
        backend.write(letter);
        backend.write(letter.again());
        flush(backend, 10);
        assertThat(server.keys()).containsExactly("all/" + FIRST + ".jsonl.gz", "all/lake-5f0c6d1eobje-letter-0000000000000000003.jsonl.gz");
        assertThat(S3Objects.lines(server)).containsExactlyInAnyOrderElementsOf(
                IntStream.rangeClosed(0, 10).mapToObj(i -> i < 10 ? texts(batch).get(i) : texts(letter).get(0)).toList());
    }

    @Test
    void a_large_object_goes_in_parts_and_what_a_crash_left_of_them_is_aborted() throws Exception {
        Map<String, Object> inParts = Map.of("compression", "none", "part_size", 5 << 20, "roll_size", 1 << 28);
        List<TestMessage> messages = IntStream.range(0, 200).mapToObj(i -> TestMessage.ofLength("s", NOW.toEpochMilli(), 65_000)).toList();
        TestBatch batch = TestBatch.of(LOG, 0, messages);
        S3Backend first = open(inParts);
        first.write(batch);
        flush(first, 200);
        try (StoreFront front = new StoreFront(server.uri())) {
            S3Backend crashing = through(front, inParts);
            crashing.write(batch);
            front.keepWaiting("partNumber=2");
            Thread lane = Thread.currentThread();
            CompletableFuture<Void> killed = CompletableFuture.runAsync(() -> {
                front.awaitHead();
                lane.interrupt();
            });
            assertThatThrownBy(() -> crashing.flush(200)).isInstanceOf(InterruptedException.class);
            killed.get();
        }
        assertThat(server.unfinishedUploads()).isOne();
        S3Backend second = open(inParts);
        second.write(batch);
        flush(second, 200);
        assertThat(context.committed()).isEqualTo(200);
        assertThat(server.unfinishedUploads()).isZero();
        assertThat(S3Objects.lines(server)).containsExactlyElementsOf(messages.stream().map(TestMessage::text).toList());
    }

    @Test
    void an_object_in_parts_that_fails_on_the_way_is_aborted_and_put_as_a_whole_the_next_time() throws Exception {
        Map<String, Object> inParts = Map.of("compression", "none", "part_size", 5 << 20, "roll_size", 1 << 28);
        List<TestMessage> messages = IntStream.range(0, 200).mapToObj(i -> TestMessage.ofLength("s", NOW.toEpochMilli(), 65_000)).toList();
        try (StoreFront front = new StoreFront(server.uri())) {
            S3Backend backend = through(front, inParts);
            backend.write(TestBatch.of(LOG, 0, messages));
            flush(backend, 200);
            front.answerTo("partNumber=2", 503, "SlowDown", "");
            assertThatThrownBy(() -> backend.flush(200)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("put part 2 of object");
            assertThat(server.unfinishedUploads()).isZero();
            assertThat(server.keys()).isEmpty();
            flush(backend, 200);
        }
        assertThat(context.committed()).isEqualTo(200);
        assertThat(S3Objects.lines(server)).hasSize(200);
    }
}
