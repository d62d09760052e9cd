package io.monitoringhub.plugin.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemBackendTest {

    private static final String LOG = "log-1";
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    Path home;

    private final FaultyDisk disk = new FaultyDisk();
    private final List<FilesystemBackend> made = new ArrayList<>();
    private TestBackendContext context;
    private FilesystemBackend backend;
    private Commit commit = Commit.upTo(0);
    private Instant time = NOON;
    private long next;

    @BeforeEach
    void begin() {
        context = context("archive", LOG);
    }

    @AfterEach
    void closeAll() {
        made.forEach(FilesystemBackend::close);
    }

    @Test
    void a_new_day_has_a_new_file() throws Exception {
        open(Map.of());
        write("a");
        time = time.plus(Duration.ofHours(12));
        write("b");
        commit();
        assertThat(names()).containsExactly("events-2026-11-22.jsonl", "events-2026-11-23.jsonl");
    }

    @Test
    void a_batch_over_midnight_is_parted() throws Exception {
        open(Map.of("time_zone", "Europe/Berlin"));
        List<TestMessage> messages = Stream.of("2026-11-22T22:59:59Z", "2026-11-22T22:59:59.999Z", "2026-11-22T23:00:00Z")
                .map(at -> TestMessage.event("s", Instant.parse(at).toEpochMilli(), at)).toList();
        backend.write(TestBatch.of(LOG, 0, messages));
        assertThat(Stored.lines(folder().resolve("events-2026-11-22.jsonl"))).hasSize(2);
        assertThat(Stored.lines(folder().resolve("events-2026-11-23.jsonl"))).hasSize(1);
    }

    @Test
    void without_a_date_in_its_name_a_file_ends_with_the_day_and_a_number_follows() throws Exception {
        open(Map.of("file", "events.jsonl"));
        write("a");
        commit();
        reopen(Map.of("file", "events.jsonl"));
        write("b");
        time = time.plus(Duration.ofDays(1));
        write("c");
        commit();
        assertThat(names()).containsExactly("events.1.jsonl", "events.jsonl");
        assertThat(Stored.lines(folder().resolve("events.jsonl"))).hasSize(2);
    }

    @Test
    void no_file_passes_its_size() throws Exception {
        open(Map.of("rotate_bytes", 4_096L));
        for (int i = 0; i < 20; i++) {
            write("x".repeat(900), "y".repeat(900), "z".repeat(2_000));
        }
        write("w".repeat(9_000));
        commit();
        for (Path file : Stored.files(folder())) {
            assertThat(Files.size(file) <= 4_096 || Stored.lines(file).size() == 1).as("%s", file).isTrue();
        }
        assertThat(Stored.streams(folder()).get("events-2026-11-22.jsonl")).hasSize(61);
    }

    @Test
    void files_that_have_ended_are_compressed_after_the_next_commit() throws Exception {
        open(Map.of("gzip", true));
        write("a", "b");
        commit();
        time = time.plus(Duration.ofDays(1));
        write("c");
        commit();
        write("d");
        commit();
        await("events-2026-11-22.jsonl.gz", "events-2026-11-23.jsonl");
        assertThat(Stored.lines(folder().resolve("events-2026-11-22.jsonl.gz"))).hasSize(2);
        time = NOON;
        write("late");
        commit();
        assertThat(names()).contains("events-2026-11-22.1.jsonl");
    }

    @Test
    void compression_that_a_stop_prevented_is_done_after_the_next_open() throws Exception {
        open(Map.of("gzip", true, "rotate_bytes", 4_096L));
        write("x".repeat(3_000));
        write("y".repeat(3_000));
        commit();
        reopen(Map.of("gzip", true, "rotate_bytes", 4_096L));
        write("z");
        commit();
        await("events-2026-11-22.1.jsonl", "events-2026-11-22.jsonl.gz");
    }

    @Test
    void more_sources_than_open_files() throws Exception {
        Map<String, Object> config = Map.of("file", "{source}/{date}.jsonl", "max_open_files", 3);
        open(config);
        int sources = 700;
        for (int round = 0; round < 3; round++) {
            backend.write(TestBatch.of(LOG, next, IntStream.range(0, sources).mapToObj(i -> message("s" + i, "text")).toList()));
            next += sources;
            commit();
        }
        backend.write(TestBatch.of(LOG, next, IntStream.range(0, sources).mapToObj(i -> message("s" + i, "not committed")).toList()));
        assertThat(commit.state()).hasSizeLessThan(Commit.MAX_STATE);
        reopen(config);
        Map<String, List<String>> streams = Stored.streams(folder());
        assertThat(streams).hasSize(sources);
        assertThat(streams.values()).allMatch(lines -> lines.size() == 3);
    }

    @Test
    void hostile_sources_stay_below_the_folder_and_apart() throws Exception {
        open(Map.of("file", "{source}.jsonl"));
        List<String> sources = List.of("../../evil", "..", "/etc/passwd", "a/b", "a%2Fb", "a\0b", ".hub-owner", "x".repeat(300), "", "app", "app.1");
        backend.write(TestBatch.of(LOG, 0, sources.stream().map(source -> new TestMessage(source, message("s", "t").type(),
                Optional.empty(), 0, time.toEpochMilli(), message("s", "t").body())).toList()));
        backend.flush(sources.size());
        assertThat(Stored.files(folder())).hasSize(sources.size()).allMatch(file -> file.getParent().equals(folder()));
        try (Stream<Path> above = Files.list(home)) {
            assertThat(above).containsExactly(home.resolve("data"));
        }
    }

    @Test
    void a_full_disk_leaves_nothing_of_the_batch_and_names_path_and_cause() throws Exception {
        open(Map.of("file", "{source}.jsonl"));
        write("a");
        disk.room(50_000);
        TestBatch large = TestBatch.of(LOG, next, IntStream.range(0, 40).mapToObj(i -> message("s" + i % 3, "x".repeat(2_000))).toList());
        assertThatThrownBy(() -> backend.write(large)).isInstanceOf(TransientDeliveryException.class)
                .hasMessageContainingAll(folder().toString(), "No space left on device");
        assertThat(Stored.lines(Stored.streams(folder()).values())).hasSize(1);
        disk.room(Long.MAX_VALUE);
        backend.write(large.again());
        assertThat(Stored.lines(Stored.streams(folder()).values())).hasSize(41);
    }

    @Test
    void a_disk_that_does_not_confirm_ends_the_instance_and_a_new_one_goes_on_from_the_commit() throws Exception {
        open(Map.of());
        write("a");
        commit();
        write("b");
        disk.failToForce(true);
        assertThatThrownBy(() -> backend.flush(next)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("make durable");
        disk.failToForce(false);
        reopen(Map.of());
        assertThat(texts()).hasSize(1);
    }

    @Test
    void a_file_that_was_cut_goes_on_at_its_end_on_a_line_of_its_own() throws Exception {
        open(Map.of());
        write("a", "b");
        commit();
        cut(10);
        write("c");
        write("d");
        commit();
        assertThat(texts()).hasSize(3).last().asString().contains("\"d\"");
        assertThat(context.health().reports()).singleElement().asString().contains("degraded", "by somebody else");
        cut(20);
        reopen(Map.of());
        write("e");
        assertThat(texts().get(texts().size() - 1)).contains("\"e\"");
    }

    @Test
    void a_file_that_was_removed_is_begun_anew() throws Exception {
        open(Map.of());
        write("a");
        commit();
        Files.delete(only());
        write("b");
        commit();
        write("c");
        assertThat(texts()).hasSize(2);
        reopen(Map.of());
        assertThat(texts()).hasSize(1);
        assertThat(context.health().reports()).singleElement().asString().contains("removed");
    }

    @Test
    void a_folder_that_was_removed_is_made_again() throws Exception {
        open(Map.of());
        write("a");
        commit();
        deleteAll(folder());
        write("b");
        commit();
        write("c");
        reopen(Map.of());
        assertThat(texts()).hasSize(1);
    }

    @Test
    void a_folder_has_one_owner() throws Exception {
        open(Map.of());
        FilesystemBackend other = make(Map.of());
        assertThatThrownBy(() -> other.open(context("other", LOG))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("belongs to backend:filesystem/archive", ".hub-owner");
    }

    @Test
    void an_instance_that_was_replaced_can_not_commit() throws Exception {
        open(Map.of());
        write("a");
        make(Map.of()).open(context);
        assertThatThrownBy(() -> backend.flush(next)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("taken over");
    }

    @Test
    void another_log_takes_nothing_away() throws Exception {
        open(Map.of());
        write("a");
        commit();
        write("b");
        context = context("archive", "log-2");
        reopen(Map.of());
        assertThat(texts()).hasSize(2);
    }

    @Test
    void a_state_of_another_folder_takes_nothing_away() throws Exception {
        open(Map.of("path", "one"));
        write("a");
        commit();
        backend.close();
        Files.createDirectories(home.resolve("two"));
        Files.writeString(home.resolve("two/events-2026-11-22.jsonl"), "{}\n".repeat(1_000));
        open(Map.of("path", "two"));
        assertThat(Stored.lines(home.resolve("two/events-2026-11-22.jsonl"))).hasSize(1_000);
    }

    @Test
    void a_replay_appends_once_more() throws Exception {
        open(Map.of());
        write("a", "b", "c");
        commit();
        backend.close();
        backend = make(Map.of());
        assertThat(backend.open(context.after(commit).movedTo(1))).isEqualTo(1);
        next = 1;
        write("b", "c");
        commit();
        assertThat(texts()).hasSize(5);
    }

    @Test
    void a_lane_that_begins_anew_leaves_what_was_committed() throws Exception {
        open(Map.of());
        write("a");
        commit();
        write("b");
        commit();
        backend.close();
        backend = make(Map.of());
        backend.open(context);
        assertThat(texts()).hasSize(2);
    }

    @Test
    void a_commit_below_what_was_written_is_the_one_before() throws Exception {
        open(Map.of());
        write("a");
        commit();
        write("b", "c");
        assertThat(backend.flush(2)).isEqualTo(commit);
        assertThat(backend.flush(3).next()).isEqualTo(3);
    }

    @Test
    void a_torn_journal_is_read_up_to_the_tear() throws Exception {
        open(Map.of());
        write("a");
        backend.close();
        Path journal = folder().resolve(".hub-archive-log-1.journal");
        Files.writeString(journal, "0badc0de I 1 0 0 events-2026-11", StandardOpenOption.APPEND);
        reopen(Map.of());
        assertThat(names()).isEmpty();
    }

    @Test
    void a_path_that_is_a_file_stops_the_backend() throws Exception {
        Files.writeString(home.resolve("data"), "");
        FilesystemBackend refused = make(Map.of());
        assertThatThrownBy(() -> refused.open(context)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("is a file");
    }

    private TestBackendContext context(String name, String log) {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "filesystem", name), log, home, new TestClock(NOON));
    }

    private FilesystemBackend make(Map<String, Object> config) {
        FilesystemBackend instance = new FilesystemBackend(TestConfig.of(new HashMap<>(config)), force -> disk, 512);
        made.add(instance);
        return instance;
    }

    private void open(Map<String, Object> config) throws Exception {
        backend = make(config);
        backend.open(context.after(commit));
    }

    /** As after a crash. */
    private void reopen(Map<String, Object> config) throws Exception {
        open(config);
        next = commit.next();
    }

    private TestMessage message(String source, String text) {
        return TestMessage.event(source, time.toEpochMilli(), text);
    }

    private void write(String... texts) throws Exception {
        backend.write(TestBatch.of(LOG, next, Stream.of(texts).map(text -> message("s", text)).toList()));
        next += texts.length;
    }

    private void commit() throws Exception {
        commit = backend.flush(next);
        assertThat(commit.next()).isEqualTo(next);
    }

    private Path folder() {
        return home.resolve("data/events");
    }

    private List<String> names() throws IOException {
        while (true) {
            try {
                return Stored.files(folder()).stream().map(file -> folder().relativize(file).toString()).toList();
            } catch (UncheckedIOException vanished) {
                // A file was compressed while the folder was listed: listed again.
            }
        }
    }

    private Path only() throws IOException {
        List<Path> files = Stored.files(folder());
        assertThat(files).hasSize(1);
        return files.get(0);
    }

    private List<String> texts() throws IOException {
        return Stored.lines(only());
    }

    private void cut(int bytes) throws IOException {
        try (var channel = FileChannel.open(only(), StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void await(String... expected) throws IOException {
        Instant deadline = Instant.now().plusSeconds(60);
        while (!names().equals(List.of(expected)) && Instant.now().isBefore(deadline)) {
            Thread.onSpinWait();
        }
        assertThat(names()).containsExactly(expected);
    }
}
