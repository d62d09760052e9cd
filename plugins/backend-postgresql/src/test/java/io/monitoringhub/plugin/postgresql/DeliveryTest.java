package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the table after replays, dead letters, poison and rivals. */
class DeliveryTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final long MILLIS = NOW.toEpochMilli();
    private static final String COUNT = "SELECT count(*) || ' of ' || count(DISTINCT (log_id, log_offset)) FROM monitoring.all_events";

    @TempDir
    private static Path folder;
    private static TestDatabase database;

    @TempDir
    private Path home;
    private final List<PostgresqlBackend> made = new ArrayList<>();

    @BeforeAll
    static void starts() throws Exception {
        database = TestDatabase.start(folder);
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    @BeforeEach
    void empties() throws Exception {
        database.run("DROP SCHEMA IF EXISTS monitoring CASCADE");
    }

    @AfterEach
    void closes() {
        made.forEach(PostgresqlBackend::close);
    }

    private TestBackendContext lane(String name, String log) {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", name), log, home, new TestClock(NOW));
    }

    private TestBackendContext fresh() {
        return lane("main", "log-1");
    }

    private PostgresqlBackend backend(Map<String, Object> more) {
        PostgresqlBackend backend = database.backend(more);
        made.add(backend);
        return backend;
    }

    private static TestBatch batch(String log, long from, int count) {
        return TestBatch.of(log, from, LongStream.range(from, from + count).mapToObj(i -> TestMessage.event("s", MILLIS, "m" + i)).toList());
    }

    private static TestMessage message(String data) {
        return at(MILLIS, data);
    }

    private static TestMessage at(long timestamp, String data) {
        String json = "{\"v\":1,\"src\":\"s\",\"ts\":" + timestamp + ",\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"\",\"ctx\":" + data + "}}";
        return new TestMessage("s", MessageType.EVENT, Optional.empty(), timestamp, MILLIS, json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_replay_brings_back_what_is_missing_and_doubles_nothing() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(batch("log-1", 0, 100));
        Commit commit = backend.flush(100);
        backend.close();
        database.run("DELETE FROM monitoring.monitoring_events WHERE log_offset BETWEEN 30 AND 39");

        assertThat(backend.open(fresh().after(commit).movedTo(20))).isEqualTo(20);
        backend.write(batch("log-1", 20, 40));
        Commit during = backend.flush(60);
        assertThat(during.next()).isEqualTo(60);
        backend.close();
        assertThat(backend.open(fresh().after(during))).as("after a crash in the middle of the replay").isEqualTo(60);
        backend.write(batch("log-1", 60, 60));
        backend.flush(120);
        assertThat(database.values(COUNT)).containsExactly("120 of 120");
    }

    @Test
    void dead_letters_that_are_delivered_again_are_written_although_their_offsets_are_low() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(TestBatch.of("log-1", new long[] {0, 1, 3, 4, 5_000}, batch("log-1", 0, 5).messages()));
        backend.flush(5_001);
        backend.write(TestBatch.of("log-1", new long[] {1, 2, 4_000}, batch("log-1", 0, 3).messages()));
        backend.flush(5_001);
        assertThat(database.values("SELECT log_offset FROM monitoring.all_events ORDER BY 1")).containsExactly("0", "1", "2", "3", "4", "4000", "5000");
    }

    @Test
    void poison_is_rejected_with_its_reason_and_the_rest_is_written() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        TestBatch batch = TestBatch.of("log-1", 10, List.of(message("{}"), message("{\"a\":\"\\u0000\"}"), message("{\"a\":\"\\ud800\"}"),
                message("{\"n\":1e200000}"), message("{\"n\":1e400}"), at(Long.MAX_VALUE, "{}"), message("{\"n\":1e300000}"), message("{}")));
        WriteResult result = backend.write(batch);
        assertThat(result.rejected()).extracting(WriteResult.Rejection::offset).containsExactlyInAnyOrder(11L, 12L, 13L, 15L, 16L);
        assertThat(result.rejected()).extracting(WriteResult.Rejection::reason)
                .containsExactlyInAnyOrder("encoding", "encoding", "range", "range", "range");
        assertThat(result.rejected()).filteredOn(each -> each.offset() == 13).allMatch(each -> each.detail().contains("22003"));
        assertThat(database.values("SELECT log_offset FROM monitoring.all_events ORDER BY 1")).containsExactly("10", "14", "17");
    }

    @Test
    void the_position_passes_a_rejected_entry_only_with_the_flush() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(TestBatch.of("log-1", 0, List.of(message("{}"), message("{\"a\":\"\\u0000\"}"), message("{}"))));
        backend.write(batch("log-1", 3, 2));
        backend.close();
        assertThat(backend.open(fresh())).as("the dead letter may not be stored").isZero();
        backend.write(TestBatch.of("log-1", 0, List.of(message("{}"), message("{\"a\":\"\\u0000\"}"), message("{}"))));
        backend.flush(3);
        assertThat(database.values("SELECT next || ' ' || written FROM monitoring.monitoring_positions")).containsExactly("3 5");
        backend.write(batch("log-1", 3, 2));
        backend.flush(5);
        assertThat(database.values(COUNT)).containsExactly("4 of 4");
    }

    @Test
    void rows_of_a_position_that_was_taken_away_are_not_doubled() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(batch("log-1", 0, 50));
        backend.close();
        database.run("DELETE FROM monitoring.monitoring_positions");
        assertThat(backend.open(fresh())).isZero();
        backend.write(batch("log-1", 0, 80));
        assertThat(database.values(COUNT)).containsExactly("80 of 80");
    }

    @Test
    void lanes_and_hubs_share_a_database() throws Exception {
        PostgresqlBackend first = backend(Map.of());
        PostgresqlBackend second = backend(Map.of());
        PostgresqlBackend other = backend(Map.of("schema", "elsewhere"));
        first.open(lane("main", "log-1"));
        second.open(lane("main", "log-2"));
        other.open(lane("copy", "log-1"));
        first.write(batch("log-1", 0, 10));
        second.write(batch("log-2", 0, 20));
        other.write(batch("log-1", 0, 10));
        first.write(batch("log-1", 10, 10));
        assertThat(database.values(COUNT)).containsExactly("40 of 40");
        assertThat(database.values("SELECT count(*) FROM elsewhere.all_events")).containsExactly("10");
        database.run("DROP SCHEMA elsewhere CASCADE");
    }

    @Test
    void an_older_instance_of_the_lane_is_fenced() throws Exception {
        PostgresqlBackend old = backend(Map.of());
        old.open(fresh());
        old.write(batch("log-1", 0, 10));
        PostgresqlBackend young = backend(Map.of());
        assertThat(young.open(fresh())).isEqualTo(10);
        young.write(batch("log-1", 10, 10));
        assertThatThrownBy(() -> old.write(batch("log-1", 10, 10))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("has taken over");
        assertThatThrownBy(() -> old.flush(20)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("has taken over");
        assertThat(database.values(COUNT)).containsExactly("20 of 20");
    }

    @Test
    void a_database_that_lost_its_end_sends_the_lane_back() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(batch("log-1", 0, 50));
        Commit commit = backend.flush(50);
        database.run("DELETE FROM monitoring.monitoring_events WHERE log_offset >= 30",
                "UPDATE monitoring.monitoring_positions SET next = 30, written = 30", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'monitoring-hub%'");
        assertThatThrownBy(() -> backend.write(batch("log-1", 50, 10))).hasMessageContaining("57P01");
        assertThatThrownBy(() -> backend.write(batch("log-1", 50, 10))).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("lost what it had committed");
        backend.close();
        assertThat(backend.open(fresh().after(commit))).isEqualTo(30);
        backend.write(batch("log-1", 30, 30));
        assertThat(database.values(COUNT)).containsExactly("60 of 60");
    }

    @Test
    void far_off_clocks_make_no_partitions_and_lose_nothing() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        List<TestMessage> messages = new ArrayList<>();
        for (int year = 0; year < 200; year++) {
            messages.add(at(year * 31_557_600_000L * 40, "{}"));
        }
        for (int day = -40; day < 10; day++) {
            messages.add(at(MILLIS + day * 86_400_000L, "{}"));
        }
        assertThat(backend.write(TestBatch.of("log-1", 0, messages)).isAllWritten()).isTrue();
        assertThat(database.values(COUNT)).containsExactly("250 of 250");
        assertThat(database.values("SELECT count(*) FROM pg_inherits WHERE inhparent = 'monitoring.monitoring_events'::regclass"))
                .containsExactly("34");
    }

    @Test
    void rows_of_the_default_partition_move_when_their_day_comes() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        long later = MILLIS + 5 * 86_400_000L;
        backend.write(TestBatch.of("log-1", 0, List.of(at(later, "{}"))));
        assertThat(database.values("SELECT count(*) FROM monitoring.monitoring_events_default")).containsExactly("1");
        backend.write(TestBatch.of("log-1", 1, List.of(TestMessage.event("s", later, "on the day"))));
        assertThat(database.values("SELECT count(*) FROM monitoring.monitoring_events_20261127")).containsExactly("2");
        assertThat(database.values("SELECT count(*) FROM monitoring.monitoring_events_default")).containsExactly("0");
        backend.write(TestBatch.of("log-1", 0, List.of(at(later, "{}"))));
        assertThat(database.values(COUNT)).containsExactly("2 of 2");
    }

    @Test
    void a_partition_that_cannot_be_made_holds_nothing_up() throws Exception {
        PostgresqlBackend backend = backend(Map.of());
        TestBackendContext context = fresh();
        backend.open(context);
        try (Connection reader = database.connect(); Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM monitoring.monitoring_events");
            assertThat(backend.write(batch("log-1", 0, 10)).isAllWritten()).isTrue();
            reader.rollback();
        }
        assertThat(database.values("SELECT count(*) FROM monitoring.monitoring_events_default")).containsExactly("10");
        assertThat(context.health().reports()).anyMatch(each -> each.startsWith("degraded: cannot make a partition") && each.contains("locked"));
        ((TestClock) context.clock()).advance(java.time.Duration.ofMinutes(2));
        backend.write(batch("log-1", 10, 10));
        assertThat(database.values("SELECT count(*) FROM monitoring.monitoring_events_20261122")).containsExactly("20");
        assertThat(context.health().reports()).last().isEqualTo("ok");
    }

    @Test
    void what_is_older_than_retention_is_dropped_day_by_day_and_far_off_entries_by_their_receipt() throws Exception {
        long now = Long.parseLong(database.values("SELECT floor(extract(epoch FROM now()) * 1000)::bigint").get(0));
        long old = now - 40 * 86_400_000L;
        PostgresqlBackend backend = backend(Map.of());
        backend.open(fresh());
        backend.write(TestBatch.of("log-1", 0, List.of(received(old, old), received(old, 0), received(now, 0), received(now, now))));
        assertThat(database.values(COUNT)).containsExactly("4 of 4");
        backend.close();
        PostgresqlBackend forgetful = backend(Map.of("retention_days", 30));
        forgetful.open(TestBackendContext.fresh(fresh().id(), "log-1", home, new TestClock(Instant.ofEpochMilli(now).plusSeconds(86_400L * 365))));
        forgetful.write(TestBatch.of("log-1", 4, List.of(received(now, now))));
        assertThat(database.values("SELECT log_offset FROM monitoring.all_events ORDER BY 1")).as("the server's clock is behind the hub's")
                .containsExactly("2", "3", "4");
        assertThat(database.values("SELECT count(*) FROM pg_inherits WHERE inhparent = 'monitoring.monitoring_events'::regclass"))
                .containsExactly("2");
    }

    private static TestMessage received(long receivedAt, long timestamp) {
        TestMessage sent = at(timestamp, "{}");
        return new TestMessage(sent.source(), sent.type(), sent.level(), timestamp, receivedAt, sent.body());
    }
}
