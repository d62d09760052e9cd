package io.monitoringhub.plugin.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages as applications send them, and what the views make of them. */
class ViewsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final long MILLIS = NOW.toEpochMilli();

    @TempDir
    private static Path folder;
    private static TestDatabase database;
    private static final List<TestMessage> SENT = new ArrayList<>();

    @BeforeAll
    static void delivers() throws Exception {
        database = TestDatabase.start(folder);
        PostgresqlBackend backend = database.backend(Map.of());
        backend.open(TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "postgresql", "main"), "log", folder, new TestClock(NOW)));
        span("queue", "t1", "root", null, 0, "{\"name\":\"order\",\"start\":" + MILLIS + ",\"tags\":{\"shop\":\"7\"}}");
        span("loader", "t1", "load", "root", 10, "{\"name\":\"load\",\"start\":" + (MILLIS + 10) + ",\"end\":null}");
        span("loader", "t1", "load", "root", 40, "{\"name\":\"\",\"start\":0,\"end\":" + (MILLIS + 40) + ",\"status\":\"failed\",\"tags\":{\"rows\":12}}");
        span("queue", "t1", "root", null, 90, "{\"name\":\"\",\"start\":0,\"end\":" + (MILLIS + 90) + ".5,\"status\":\"ok\",\"tags\":[]}");
        span("queue", "t2", "alone", null, 100, "{\"name\":\"waits\",\"start\":" + (MILLIS + 100) + "}");
        span("queue", "t3", "odd", null, 100, "{\"name\":\"odd\",\"start\":1e300,\"end\":-4}");
        merged("beside", () -> {
            span("queue", "beside", "root", null, 0, "{\"name\":\"order\",\"start\":" + MILLIS + ",\"tags\":{\"shop\":7}}");
            span("loader", "beside", "late", "root", 40, "{\"name\":\"\",\"start\":0,\"end\":" + (MILLIS + 40) + ",\"status\":\"failed\"}");
            span("loader", "beside", "late", "root", 10, "{\"name\":\"load\",\"start\":" + (MILLIS + 10) + ",\"end\":null}");
            span("queue", "beside", "root", null, 90, "{\"name\":\"\",\"start\":0,\"end\":" + (MILLIS + 90) + ",\"status\":\"ok\",\"tags\":{\"rows\":12}}");
        });
        merged("only", () -> { });
        send("loader", MessageType.PROGRESS, 20, "\"tid\":\"t1\",", "{\"job_id\":\"12345\",\"percent\":10,\"status\":\"begun\"}");
        send("loader", MessageType.PROGRESS, 60, "", "{\"job_id\":12345,\"percent\":62.5,\"status\":\"loading\"}");
        send("queue", MessageType.PROGRESS, 30, "", "{\"job_id\":\"12345\",\"percent\":100}");
        send("queue", MessageType.METRIC, 30, "", "{\"name\":\"depth\",\"value\":4}");
        send("queue", MessageType.METRIC, 35, "", "{\"name\":\"depth\",\"value\":8,\"unit\":\"1\",\"tags\":{}}");
        send("queue", MessageType.METRIC, 36, "", "{\"name\":\"depth\",\"value\":1e400}");
        send("queue", MessageType.EVENT, 37, "\"tid\":\"t1\",\"sid\":\"root\",", "{\"level\":\"error\",\"msg\":\"no stock\",\"ctx\":{\"sku\":9}}");
        send("queue", MessageType.HEARTBEAT, 38, "", "null");
        send("queue", MessageType.RESOURCE, 39, "", "{\"cpu\":3.5}");
        assertThat(backend.write(TestBatch.of("log", 0, SENT)).isAllWritten()).isTrue();
        backend.close();
    }

    @AfterAll
    static void stops() throws Exception {
        database.close();
    }

    private static void span(String source, String trace, String id, String parent, int after, String data) {
        send(source, MessageType.SPAN, after, "\"tid\":\"" + trace + "\",\"sid\":\"" + id + "\"," + (parent == null ? "" : "\"pid\":\"" + parent + "\","), data);
    }

    /** What the hub adds with correlation.merged_spans, when both halves have come; with them, or where only it is routed here. */
    private static void merged(String trace, Runnable halves) {
        halves.run();
        span("loader", trace, "late", "root", 40, "{\"merged\":true,\"name\":\"load\",\"start\":" + (MILLIS + 10) + ",\"end\":" + (MILLIS + 40)
                + ",\"duration_ms\":30,\"status\":\"failed\",\"tags\":{}}");
        span("queue", trace, "root", null, 90, "{\"merged\":true,\"name\":\"order\",\"start\":" + MILLIS + ",\"end\":" + (MILLIS + 90)
                + ",\"duration_ms\":90,\"status\":\"ok\",\"tags\":{\"shop\":7,\"rows\":12}}");
    }

    private static void send(String source, MessageType type, int after, String ids, String data) {
        long timestamp = MILLIS + after;
        String json = "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + timestamp + ",\"type\":\"" + type.word() + "\"," + ids + "\"data\":" + data + "}";
        SENT.add(new TestMessage(source, type, Optional.empty(), timestamp, timestamp, json.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> rows(String columns, String rest) throws Exception {
        return database.values("SELECT concat_ws('|', " + columns + ") FROM monitoring." + rest);
    }

    @Test
    void opening_and_closing_message_are_one_span() throws Exception {
        assertThat(rows("trace_id, span_id, coalesce(parent_span_id, '-'), source, name, extract(epoch FROM end_time - start_time) * 1000, status, tags",
                "spans WHERE trace_id = 't1' ORDER BY start_time")).containsExactly("t1|root|-|queue|order|90.500000|ok|{\"shop\": \"7\"}",
                        "t1|load|root|loader|load|30.000000|failed|{\"rows\": 12}");
    }

    @Test
    void merged_spans_are_the_same_rows_with_their_halves_beside_them_and_without() throws Exception {
        for (String trace : List.of("beside", "only")) {
            assertThat(rows("span_id, coalesce(parent_span_id, '-'), source, name, extract(epoch FROM end_time - start_time) * 1000, status, tags",
                    "spans WHERE trace_id = '" + trace + "' ORDER BY start_time")).as(trace).containsExactly(
                            "root|-|queue|order|90.000000|ok|{\"rows\": 12, \"shop\": 7}", "late|root|loader|load|30.000000|failed");
            assertThat(rows("name, spans, open_spans, sources, extract(epoch FROM end_time - start_time) * 1000", "traces WHERE trace_id = '" + trace + "'"))
                    .as(trace).containsExactly("order|2|0|{loader,queue}|90.000000");
        }
        assertThat(rows("count(*)", "monitoring_events WHERE trace_id = 'only'")).as("one row a span").containsExactly("2");
    }

    @Test
    void a_span_without_an_end_is_open_and_one_with_odd_times_spoils_nothing() throws Exception {
        assertThat(rows("span_id, start_time IS NULL, end_time IS NULL", "spans WHERE trace_id IN ('t2', 't3') ORDER BY span_id"))
                .containsExactly("alone|f|t", "odd|t|t");
    }

    @Test
    void a_trace_is_the_sum_of_its_spans() throws Exception {
        assertThat(rows("trace_id, name, spans, open_spans, sources, end_time IS NOT NULL", "traces WHERE trace_id LIKE 't_' ORDER BY trace_id"))
                .containsExactly("t1|order|2|0|{loader,queue}|t", "t2|waits|1|1|{queue}|f", "t3|odd|1|1|{queue}|f");
    }

    @Test
    void the_last_report_about_each_job() throws Exception {
        assertThat(rows("source, job_id, percent, status", "latest_progress ORDER BY source")).containsExactly("loader|12345|62.5|loading", "queue|12345|100");
        assertThat(rows("job_id, sources, percent, status, reports, is_complete, trace_id, extract(epoch FROM last_report - first_report) * 1000", "jobs"))
                .containsExactly("12345|{loader,queue}|62.5|loading|3|f|t1|40.000000");
    }

    @Test
    void metrics_by_minute() throws Exception {
        assertThat(rows("source, name, count, min, max, avg", "metrics_by_minute")).containsExactly("queue|depth|2|4|8|6");
    }

    @Test
    void the_same_trace_by_sql_as_the_readme_shows_it() throws Exception {
        assertThat(rows("type, count(*), count(data)", "monitoring_events GROUP BY type ORDER BY type")).containsExactly("event|1|1", "heartbeat|1|0",
                "metric|3|3", "progress|3|3", "resource|1|1", "span|14|14");
        assertThat(rows("source, data->>'msg'", "all_events WHERE trace_id = 't1' AND type = 'event'")).containsExactly("queue|no stock");
    }
}
