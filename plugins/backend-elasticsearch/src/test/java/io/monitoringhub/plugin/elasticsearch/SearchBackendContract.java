package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.BackendContract;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import io.monitoringhub.testservers.SearchServer;
import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract of backends, and what is this one's own, with a real server; each test has indices of its own. */
abstract class SearchBackendContract extends BackendContract {

    /** What the servers here refuse: smaller than usual, larger than what other tests send. */
    static final String PRESSURE_LIMIT = "8mb";
    static final String CONTENT_LIMIT = "12mb";

    private static final String DAY = "2026.11.22";
    private static final String ALL = "{\"match_all\":{}}";

    private final String index = "contract-" + System.nanoTime();
    private final List<Backend> opened = new ArrayList<>();

    abstract SearchServer server();

    /** What it takes to be let in. */
    abstract Map<String, Object> access();

    @Override
    protected Backend newBackend() {
        return backend(Map.of());
    }

    @Override
    protected List<String> stored() throws Exception {
        return Found.originals(server(), index + "-*");
    }

    @Override
    protected String type() {
        return "elasticsearch";
    }

    final Backend backend(Map<String, Object> more) {
        Map<String, Object> values = new HashMap<>(access());
        values.putAll(Map.of("hosts", new String[] {server().url()}, "index", index + "-{date}"));
        values.putAll(more);
        Backend backend = new ElasticsearchBackend(TestConfig.of(values));
        opened.add(backend);
        return backend;
    }

    final Backend open(Map<String, Object> more) throws Exception {
        Backend backend = backend(more);
        backend.open(fresh());
        return backend;
    }

    @AfterEach
    void closeOpened() {
        opened.forEach(Backend::close);
    }

    private String today() {
        return index + "-" + DAY;
    }

    private TestMessage message(MessageType type, String data) {
        String json = "{\"v\":1,\"src\":\"shop\",\"ts\":" + now() + ",\"type\":\"" + type.word() + "\",\"data\":" + data + "}";
        return new TestMessage("shop", type, type == MessageType.EVENT ? Optional.of(Level.INFO) : Optional.empty(), now(), now(),
                json.getBytes(StandardCharsets.UTF_8));
    }

    private TestMessage event(String context) {
        return message(MessageType.EVENT, "{\"level\":\"info\",\"msg\":\"m\",\"ctx\":" + context + "}");
    }

    @Test
    void nothing_that_a_client_may_send_is_refused_or_changed() throws Exception {
        String deep = "{\"a\":".repeat(60) + "1" + "}".repeat(60);
        List<TestMessage> hostile = new ArrayList<>(Stream.of("{\"a\":1,\"a\":2}", "{\"\":1}", "{\".\":1,\"..a\":2,\"b.\":3,\".c\":4}", "{\"a\":1,\"a.b\":2}",
                "{\"a.b\":2,\"a\":1}", "{\"a\":{\"b\":1},\"a.b\":{\"c\":1}}", "{\"x\":\"\\u0000\",\"\\u0000y\":\"z\"}", "{\"half\":\"\\ud800\"}",
                "{\"n\":1e400,\"m\":" + "9".repeat(3_000) + "}", deep, "{\"t\":\"" + "x".repeat(40_000) + "\"}", "{\"" + "k".repeat(40_000) + "\":1}",
                "{\"mixed\":1}", "{\"mixed\":\"text\"}", "{\"mixed\":{\"o\":true}}", "{\"mixed\":[1,\"a\",{\"b\":2},[3],null]}", "{\"d\":\"2026-11-22\"}",
                "{\"d\":\"soon\"}", "[]", "{\"labels\":{\"labels\":1},\"_id\":1,\"_source\":2,\"@timestamp\":\"x\"}", "{\"u\":\"\u4e2d\ud83d\ude80\\u00e9\"}")
                .map(this::event).toList());
        hostile.add(message(MessageType.METRIC, "{\"name\":\"" + "n".repeat(40_000) + "\",\"value\":-0,\"unit\":\"\"}"));
        hostile.add(message(MessageType.METRIC, "{\"name\":\"n\",\"value\":1e400}"));
        hostile.add(message(MessageType.SPAN, "{\"name\":\"s\",\"start\":-1e300,\"end\":1e300}"));
        hostile.add(message(MessageType.PROGRESS, "{\"job_id\":12345,\"percent\":99.99999999999999999999999}"));
        hostile.add(message(MessageType.RESOURCE, "{\"cpu\":1,\"cpu\":2,\"many\":{\"a\":1}}"));
        hostile.add(message(MessageType.HEARTBEAT, "[]"));
        IntStream.range(0, 1_500).forEach(i -> hostile.add(event("{\"field" + i + "\":" + i + "}")));
        TestBatch batch = TestBatch.of(LOG, 0, hostile);
        Backend backend = open(Map.of());
        assertThat(backend.write(batch).rejected()).isEmpty();
        assertThat(stored()).containsExactlyElementsOf(texts(batch));
        assertThat(server().ask("GET", "/" + today() + "/_mapping", "")).doesNotContain("field7", "mixed");
    }

    @Test
    void what_is_searched_for_is_found() throws Exception {
        Backend backend = open(Map.of());
        backend.write(TestBatch.of(LOG, 0, List.of(message(MessageType.METRIC, "{\"name\":\"depth\",\"value\":4.5,\"tags\":{\"queue\":\"in\"}}"),
                message(MessageType.METRIC, "{\"name\":\"depth\",\"value\":12,\"tags\":{\"queue\":\"out\"}}"), event("{\"order\":{\"id\":4711},\"a.b\":\"c\"}"))));
        String indices = index + "-*";
        assertThat(Found.count(server(), indices, "{\"range\":{\"metric.value\":{\"gt\":10}}}")).isEqualTo(1);
        assertThat(Found.count(server(), indices, "{\"term\":{\"labels.queue\":\"in\"}}")).isEqualTo(1);
        assertThat(Found.count(server(), indices, "{\"term\":{\"labels.order.id\":\"4711\"}}")).isEqualTo(1);
        assertThat(Found.count(server(), indices, "{\"term\":{\"labels.a.b\":\"c\"}}")).isEqualTo(1);
        assertThat(Found.count(server(), indices, "{\"term\":{\"service.name\":\"shop\"}}")).isEqualTo(3);
        assertThat(Found.count(server(), indices, "{\"match\":{\"message\":\"M\"}}")).isEqualTo(1);
        assertThat(Found.count(server(), indices, "{\"range\":{\"@timestamp\":{\"gte\":\"2026-11-22\",\"lt\":\"2026-11-23\"}}}")).isEqualTo(3);
    }

    @Test
    void entries_go_to_the_index_of_the_day_they_were_received_on_whenever_they_are_written() throws Exception {
        long day = TimeUnit.DAYS.toMillis(1);
        TestMessage today = TestMessage.event("shop", now(), "a");
        TestMessage tomorrow = new TestMessage("shop", today.type(), today.level(), now(), now() + day, TestMessage.event("shop", now(), "b").body());
        TestBatch batch = TestBatch.of(LOG, 0, List.of(today, tomorrow));
        Backend backend = open(Map.of());
        backend.write(batch);
        clock().advance(Duration.ofDays(3));
        backend.write(batch.again());
        assertThat(Found.count(server(), today(), ALL)).isEqualTo(1);
        assertThat(Found.count(server(), index + "-2026.11.23", ALL)).isEqualTo(1);
        assertThat(stored()).hasSize(2);
    }

    @Test
    void a_poison_entry_is_rejected_with_the_servers_reason_and_the_rest_is_written() throws Exception {
        server().ask("PUT", "/" + today(), "{\"mappings\":{\"properties\":{\"metric\":{\"properties\":{\"name\":{\"type\":\"integer\"}}}}}}");
        Backend backend = open(Map.of("template", false));
        WriteResult result = backend.write(TestBatch.of(LOG, 5, List.of(TestMessage.event("shop", now(), "a"),
                TestMessage.metric("shop", now(), "no-number", 1), TestMessage.event("shop", now(), "b"))));
        assertThat(result.retry()).isEmpty();
        assertThat(result.rejected()).singleElement().satisfies(rejection -> {
            assertThat(rejection.offset()).isEqualTo(6);
            assertThat(rejection.reason()).isEqualTo("mapping");
            assertThat(rejection.detail()).contains("400", "metric.name", "no-number");
        });
        assertThat(stored()).hasSize(2);
    }

    @Test
    void a_full_disks_block_is_named_and_waited_for() throws Exception {
        Backend backend = open(Map.of());
        TestBatch first = batch(0, 10);
        backend.write(first);
        block("true");
        TestBatch second = batch(10, 10);
        assertThatThrownBy(() -> backend.write(second)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("full: ");
        block("null");
        assertThat(backend.write(second.again()).isAllWritten()).isTrue();
        assertThat(stored()).containsExactlyElementsOf(texts(first, second));
    }

    private void block(String value) throws IOException {
        server().ask("PUT", "/" + today() + "/_settings", "{\"index.blocks.read_only_allow_delete\":" + value + "}");
    }

    @Test
    void a_part_that_is_refused_for_now_comes_again_alone() throws Exception {
        Backend backend = open(Map.of("index", index + "-{type}-{date}"));
        TestBackendContext context = fresh();
        backend.open(context);
        TestBatch batch = batch(0, 10);
        backend.write(batch);
        server().ask("PUT", "/" + index + "-metric-" + DAY + "/_settings", "{\"index.blocks.read_only_allow_delete\":true}");
        WriteResult result = backend.write(batch(10, 10));
        assertThat(result.rejected()).isEmpty();
        assertThat(result.retry()).containsExactly(10L, 15L);
        assertThat(context.health().reports()).last().asString().startsWith("degraded: ").contains("full: ");
        server().ask("PUT", "/" + index + "-metric-" + DAY + "/_settings", "{\"index.blocks.read_only_allow_delete\":null}");
        assertThat(backend.write(batch(10, 10).again()).isAllWritten()).isTrue();
        assertThat(context.health().reports()).last().isEqualTo("ok");
        assertThat(stored()).hasSize(20);
    }

    @Test
    void a_missing_index_that_may_not_be_created_stops() throws Exception {
        Backend backend = open(Map.of());
        server().ask("PUT", "/_cluster/settings", "{\"persistent\":{\"action.auto_create_index\":\"false\"}}");
        try {
            assertThatThrownBy(() -> backend.write(batch(0, 3))).isInstanceOf(PermanentDeliveryException.class)
                    .hasMessageContainingAll("no such index", "auto_create_index");
        } finally {
            server().ask("PUT", "/_cluster/settings", "{\"persistent\":{\"action.auto_create_index\":null}}");
        }
        assertThat(backend.write(batch(0, 3).again()).isAllWritten()).isTrue();
    }

    @Test
    void a_request_that_is_too_much_at_once_is_tried_later_and_one_that_is_too_large_is_halved() throws Exception {
        Backend backend = open(Map.of("max_body_bytes", 64 << 20, "gzip", false));
        assertThatThrownBy(() -> backend.write(large(75))).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("overloaded: ");
        assertThatThrownBy(() -> backend.write(large(120))).isInstanceOf(BatchRefusedException.class).hasMessageContaining("413");
        assertThat(open(Map.of()).write(large(120)).isAllWritten()).as("with requests of the usual size").isTrue();
    }

    private TestBatch large(int count) {
        return TestBatch.of(LOG, 0, IntStream.range(0, count).mapToObj(i -> TestMessage.ofLength("shop", now(), TestMessage.MAX_LENGTH)).toList());
    }

    @Test
    void a_host_that_is_away_costs_nothing_but_a_moment() throws Exception {
        String away = server().url().replaceFirst(":\\d+$", ":" + ServerProcess.freePort());
        Backend backend = open(Map.of("hosts", new String[] {away, server().url(), away + "/other"}));
        for (int i = 0; i < 5; i++) {
            assertThat(backend.write(batch(i * 10, 10)).isAllWritten()).isTrue();
        }
        assertThat(stored()).hasSize(50);
    }

    /** Servers of this size take their time on a busy machine. */
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    @Test
    void a_server_that_dies_is_told_as_unreachable_and_takes_the_same_batch_once_it_is_back() throws Exception {
        Backend backend = open(Map.of());
        backend.write(batch(0, 100));
        server().kill();
        try {
            assertThatThrownBy(() -> backend.write(batch(50, 100))).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContainingAll("unreachable: ", server().url());
            assertThatThrownBy(() -> open(Map.of())).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unreachable: ");
        } finally {
            server().start();
        }
        assertThat(backend.write(batch(50, 100)).isAllWritten()).isTrue();
        assertThat(stored()).containsExactlyElementsOf(texts(batch(0, 150)));
    }

    @Test
    void a_server_that_hangs_runs_into_the_time_limit_and_an_interrupt_does_not_wait_for_it() throws Exception {
        Backend patient = open(Map.of());
        Backend hasty = open(Map.of("request_timeout_ms", 300));
        patient.write(batch(0, 10));
        server().freeze();
        try {
            assertThatThrownBy(() -> hasty.write(batch(10, 10))).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContaining("no answer within 300 ms");
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            CompletableFuture<Void> begun = new CompletableFuture<>();
            Thread lane = new Thread(() -> {
                begun.complete(null);
                try {
                    patient.write(batch(10, 10));
                    ended.complete(null);
                } catch (Throwable e) {
                    ended.complete(e);
                }
            }, "interrupted-lane");
            lane.start();
            begun.get(30, TimeUnit.SECONDS);
            lane.interrupt();
            assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        } finally {
            server().thaw();
        }
        assertThat(patient.write(batch(10, 10)).isAllWritten()).isTrue();
        assertThat(stored()).containsExactlyElementsOf(texts(batch(0, 20)));
    }

    @Test
    void the_template_is_put_once_and_a_newer_one_stays() throws Exception {
        open(Map.of());
        String path = "/_index_template/hub-" + index;
        String put = server().ask("GET", path, "");
        assertThat(put).contains("\"version\":11", index + "-*");
        server().ask("PUT", path, "{\"index_patterns\":[\"" + index + "-*\"],\"priority\":200,\"version\":99,\"template\":{}}");
        open(Map.of());
        assertThat(server().ask("GET", path, "")).contains("\"version\":99");
        server().ask("PUT", path, "{\"index_patterns\":[\"" + index + "-*\"],\"priority\":200,\"version\":1,\"template\":{}}");
        open(Map.of());
        assertThat(server().ask("GET", path, "")).contains("\"version\":11");
    }

    @Test
    void a_template_that_the_server_refuses_stops() {
        assertThatThrownBy(() -> open(Map.of("component_templates", new String[] {"there-is-none"}))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContainingAll("put the index template", "there-is-none", "component_templates");
    }
}
