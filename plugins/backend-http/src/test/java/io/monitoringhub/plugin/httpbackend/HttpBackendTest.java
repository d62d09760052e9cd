package io.monitoringhub.plugin.httpbackend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestClock;
import io.monitoringhub.testkit.TestMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is this backend's own; the rest is in the contract. */
@Timeout(60)
class HttpBackendTest {

    private static final String LOG = "log-1";
    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");

    @TempDir
    private Path home;
    private StoringService service;
    private final List<HttpBackend> opened = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        service = StoringService.start();
    }

    @AfterEach
    void stop() {
        opened.forEach(HttpBackend::close);
        service.close();
    }

    @Test
    void a_request_has_the_headers_and_the_body_that_were_told() throws Exception {
        HttpBackend backend = open(Map.of("headers", new String[] {"X-From: {lane} {log_id} {count} {first_offset}-{last_offset} {source}"},
                "format", "template", "body_prefix", "{\"of\":\"{source}\",\"rows\":[", "body_separator", ",\n", "body_suffix", "]}", "gzip", true,
                ".token", "open sesame".replace(' ', '-'), "method", "PUT", "content_type", "application/vnd.rows+json"));
        backend.write(TestBatch.of(LOG, 7, List.of(TestMessage.event("a\"\r\nX: \u00fc", 1, "x"), TestMessage.event("a\"\r\nX: \u00fc", 1, "y"),
                TestMessage.event("b", 1, "z"))));
        assertThat(service.seen()).hasSize(2);
        StoringService.Seen first = service.seen().get(0);
        assertThat(first.method() + " " + first.uri()).isEqualTo("PUT /store?from=hub");
        assertThat(first.header("X-From")).isEqualTo("sink log-1 2 7-8 a\"%0D%0AX:%20%C3%BC");
        assertThat(first.header("Authorization")).isEqualTo("Bearer open-sesame");
        assertThat(first.header("Content-Type")).isEqualTo("application/vnd.rows+json");
        assertThat(first.header("Idempotency-Key")).isEqualTo("log-1/sink@0:7-8:2");
        assertThat(first.body()).isEqualTo("{\"of\":\"a\\\"\\u000d\\u000aX: \u00fc\",\"rows\":[" + TestMessage.event("a\"\r\nX: \u00fc", 1, "x").text()
                + ",\n" + TestMessage.event("a\"\r\nX: \u00fc", 1, "y").text() + "]}");
        assertThat(service.seen().get(1).header("X-From")).endsWith(" 1 9-9 b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"array | [|,|]", "events | {\"events\":[|,|]}"})
    void an_array_and_an_object_with_events_are_whole_documents(String format, String before, String between, String behind) throws Exception {
        open(Map.of("format", format)).write(batch(0, 2));
        assertThat(service.seen().get(0).body()).isEqualTo(before + batch(0, 2).messages().get(0).text() + between
                + batch(0, 2).messages().get(1).text() + behind);
    }

    @Test
    void a_lost_answer_doubles_nothing_and_the_key_is_the_same() throws Exception {
        HttpBackend backend = open(Map.of());
        service.orderLostAnswer();
        service.orderLostAnswer();
        assertThatThrownBy(() -> backend.write(batch(0, 10))).as("once more on a new connection, then it is the lane's turn")
                .isInstanceOf(TransientDeliveryException.class).hasMessageContaining("127.0.0.1");
        assertThat(service.seen()).hasSize(2);
        backend.write(batch(0, 10));
        backend.write(batch(10, 10));
        assertThat(service.stored()).isEqualTo(texts(batch(0, 20)));
        assertThat(service.seen().get(0).header("Idempotency-Key")).isEqualTo(service.seen().get(1).header("Idempotency-Key"));
    }

    @Test
    void a_connection_that_the_server_closed_while_it_was_idle_is_made_anew_without_a_failure() throws Exception {
        HttpBackend backend = open(Map.of());
        service.order(200, "", Map.of("Connection", "close"));
        backend.write(batch(0, 1));
        backend.write(batch(1, 1));
        assertThat(service.stored()).isEqualTo(texts(batch(1, 1)));
    }

    @ParameterizedTest
    @CsvSource({"408, , 0", "425, , 0", "429, 7, 7", "500, , 0", "502, , 0", "503, 'Sun, 22 Nov 2026 09:30:20 GMT', 20", "503, soon, 0",
        "503, 999999, 3600", "503, 'Sun, 22 Nov 2026 09:29:00 GMT', 0"})
    void what_may_pass_later_is_told_with_the_time_that_the_service_wants(int status, String retryAfter, long seconds) throws Exception {
        HttpBackend backend = open(Map.of());
        service.order(status, "busy", retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter));
        assertThatThrownBy(() -> backend.write(batch(0, 1))).isInstanceOfSatisfying(TransientDeliveryException.class,
                failure -> assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(seconds)))
                .hasMessageContaining("answers " + status).hasMessageContaining("busy");
    }

    @ParameterizedTest
    @CsvSource({"301, url to 'http://elsewhere/'", "307, url to 'http://elsewhere/'", "401, set token", "403, may write", "404, correct url",
        "405, method", "409, headers", "415, content_type"})
    void what_a_person_must_mend_names_the_option(int status, String words) throws Exception {
        HttpBackend backend = open(Map.of());
        service.order(status, "no", Map.of("Location", "http://elsewhere/"));
        assertThatThrownBy(() -> backend.write(batch(0, 1))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("answers " + status).hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 422})
    void a_refused_body_is_for_the_lane_to_halve(int status) throws Exception {
        HttpBackend backend = open(Map.of());
        service.order(status, "row 3 is bad", Map.of());
        assertThatThrownBy(() -> backend.write(batch(0, 4))).isInstanceOf(BatchRefusedException.class).hasMessageContaining("row 3 is bad");
    }

    @Test
    void a_body_that_is_too_large_is_cut_and_an_entry_that_is_too_large_is_rejected() throws Exception {
        HttpBackend backend = open(Map.of());
        service.order(413, "", Map.of());
        assertThat(backend.write(batch(0, 8)).isAllWritten()).isTrue();
        assertThat(service.stored()).isEqualTo(texts(batch(0, 8)));
        int requests = service.seen().size();
        backend.write(batch(8, 8));
        assertThat(service.seen().size() - requests).as("smaller from now on").isGreaterThan(1);
        service.order(413, "too much", Map.of());
        assertThat(backend.write(batch(16, 1)).rejected()).singleElement().satisfies(rejected -> {
            assertThat(rejected.offset()).isEqualTo(16);
            assertThat(rejected.reason()).isEqualTo("too_large");
            assertThat(rejected.detail()).contains("too much");
        });
    }

    @Test
    void what_a_hub_refuses_is_rejected_entry_by_entry_also_when_a_later_request_of_the_batch_fails() throws Exception {
        HttpBackend backend = open(Map.of("receiver", "hub", "url", "http://127.0.0.1:" + service.port(),
                "headers", new String[] {"X-Source: {source}"}));
        TestBatch batch = TestBatch.of(LOG, new long[] {3, 5, 9}, List.of(TestMessage.event("a", 1, "x"), TestMessage.event("a", 1, "y"),
                TestMessage.event("b", 1, "z")));
        service.order(202, counts(1, 0, 1, 1), JSON);
        service.order(503, "", Map.of());
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(TransientDeliveryException.class);
        service.order(202, counts(0, 2, 0), JSON);
        service.order(400, counts(0, 0, 1, 0), JSON);
        WriteResult result = backend.write(batch);
        assertThat(result.rejected()).extracting(WriteResult.Rejection::offset).containsExactly(5L, 9L);
        assertThat(result.rejected()).extracting(WriteResult.Rejection::reason).containsOnly("source_not_allowed");
        assertThat(service.seen().get(0).uri().toString()).isEqualTo("/v1/ingest/batch");
        assertThat(service.seen().get(0).header("Monitoring-Hub-Offsets")).isEqualTo("3 1 1 1");
    }

    @Test
    void a_hub_that_does_not_say_what_became_of_all_entries_is_not_believed() throws Exception {
        HttpBackend backend = open(Map.of("receiver", "hub"));
        service.order(202, counts(1, 0, 0), JSON);
        assertThatThrownBy(() -> backend.write(batch(0, 2))).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("2 entries");
        service.order(200, "welcome", Map.of());
        assertThatThrownBy(() -> backend.write(batch(0, 2))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("receiver: service");
        service.order(409, "{\"error\":{\"code\":\"superseded\",\"message\":\"is connected itself\"}}", JSON);
        assertThatThrownBy(() -> backend.write(batch(0, 2))).isInstanceOf(TransientDeliveryException.class)
                .hasMessageContaining("superseded: is connected itself");
        service.order(400, "{\"error\":{\"code\":\"bad_request\",\"message\":\"headers\"}}", JSON);
        assertThatThrownBy(() -> backend.write(batch(0, 2))).isInstanceOf(PermanentDeliveryException.class);
    }

    @Test
    void a_replay_is_sent_once_more_also_over_a_crash_and_then_nothing_is_doubled() throws Exception {
        HttpBackend backend = open(Map.of());
        backend.write(batch(0, 10));
        TestBackendContext moved = context().after(backend.flush(10)).movedTo(4);
        backend.write(batch(10, 2));

        HttpBackend replaying = backend(Map.of());
        replaying.open(moved);
        replaying.write(batch(4, 3));
        replaying = backend(Map.of());
        replaying.open(moved);
        replaying.write(batch(4, 5));
        Commit commit = replaying.flush(9);
        replaying = backend(Map.of());
        replaying.open(context().after(commit));
        replaying.write(batch(9, 11));
        List<String> expected = new ArrayList<>(texts(batch(0, 12)));
        expected.addAll(texts(batch(4, 6)));
        expected.addAll(texts(batch(12, 8)));
        assertThat(service.stored()).isEqualTo(expected);

        HttpBackend again = backend(Map.of());
        again.open(context().after(replaying.flush(20)).movedTo(18));
        again.write(batch(18, 2));
        assertThat(service.stored()).hasSize(expected.size() + 2);
    }

    @Test
    void a_dead_letter_that_is_sent_again_is_not_taken_for_a_repetition() throws Exception {
        HttpBackend backend = open(Map.of());
        backend.write(batch(0, 10));
        backend.write(batch(3, 1));
        assertThat(service.stored()).hasSize(11);
        StoringService.Seen letter = service.seen().get(1);
        assertThat(letter.header("Monitoring-Hub-Sender")).isEmpty();
        service.order(503, "", Map.of());
        assertThatThrownBy(() -> backend.write(batch(4, 1))).isInstanceOf(TransientDeliveryException.class);
        backend.write(batch(4, 1));
        List<String> keys = service.seen().stream().skip(1).map(each -> each.header("Idempotency-Key")).toList();
        assertThat(keys.get(1)).isEqualTo(keys.get(2)).isNotEqualTo(keys.get(0));
        backend.write(batch(10, 1));
        assertThat(service.seen().get(4).header("Monitoring-Hub-Offsets")).isEqualTo("10 1");
    }

    @Test
    void many_gaps_are_spread_over_requests_whose_headers_a_server_takes() throws Exception {
        long[] offsets = IntStream.range(0, 4_000).mapToLong(i -> i * 123_457L).toArray();
        TestBatch batch = TestBatch.of(LOG, offsets, batch(0, 4_000).messages());
        open(Map.of()).write(batch);
        assertThat(service.stored()).isEqualTo(texts(batch));
        assertThat(service.seen()).allMatch(each -> each.header("Monitoring-Hub-Offsets").length() < 6_000);
    }

    @Test
    void a_server_that_closes_without_reading_the_body_is_asked_whether_it_wants_it() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> refuseThenAnswer(server));
            HttpBackend backend = backend(Map.of("url", "http://127.0.0.1:" + server.getLocalPort() + "/", "batch_bytes", 8 << 20));
            backend.open(context());
            TestBatch large = TestBatch.of(LOG, 0, IntStream.range(0, 100).mapToObj(i -> TestMessage.ofLength("a", 1, 65_000)).toList());
            assertThatThrownBy(() -> backend.write(large)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("answers 401");
            assertThat(second.get(20, TimeUnit.SECONDS)).contains("Expect: 100-continue");
        }
    }

    /** The first connection ends amidst the body; on the second only the head is read. */
    private static String refuseThenAnswer(ServerSocket server) {
        try {
            try (Socket first = server.accept()) {
                first.setSoLinger(true, 0);
                first.getInputStream().readNBytes(1_000);
            }
            try (Socket next = server.accept()) {
                byte[] head = new byte[4_096];
                int length = next.getInputStream().read(head);
                next.getOutputStream().write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno".getBytes(StandardCharsets.US_ASCII));
                next.getOutputStream().flush();
                // a client that had to wait too long sends its body, which must not meet a reset
                next.getInputStream().transferTo(OutputStream.nullOutputStream());
                return new String(head, 0, length, StandardCharsets.US_ASCII);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_server_that_never_answers_is_given_up_in_time() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            HttpBackend backend = backend(Map.of("url", "http://127.0.0.1:" + silent.getLocalPort() + "/", "timeout", 1));
            backend.open(context());
            assertThatThrownBy(() -> backend.write(batch(0, 1))).isInstanceOf(TransientDeliveryException.class)
                    .hasMessageContaining("no answer within 1 s");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_server_that_never_answers_or_reads_gives_the_thread_back_after_an_interrupt(boolean isLarge) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            HttpBackend backend = backend(Map.of("url", "http://127.0.0.1:" + silent.getLocalPort() + "/", "batch_bytes", 64 << 20));
            backend.open(context());
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            TestBatch batch = isLarge ? TestBatch.of(LOG, 0, IntStream.range(0, 900).mapToObj(i -> TestMessage.ofLength("a", 1, 65_000)).toList())
                    : batch(0, 1);
            Thread lane = new Thread(() -> {
                try {
                    backend.write(batch);
                    ended.complete(null);
                } catch (Throwable failure) {
                    ended.complete(failure);
                }
            }, "test-lane");
            lane.start();
            try (Socket accepted = silent.accept(); InputStream in = accepted.getInputStream()) {
                assertThat(in.read()).isEqualTo('P');
                lane.interrupt();
                assertThat(ended.get(1, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            }
            lane.join(10_000);
        }
    }

    @Test
    void a_server_that_is_not_there_or_speaks_something_else_is_named() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(() -> backend(Map.of("url", "http://127.0.0.1:" + port + "/")).open(context()))
                .isInstanceOf(TransientDeliveryException.class).hasMessageContaining("cannot reach http://127.0.0.1:" + port + "/");
        assertThatThrownBy(() -> backend(Map.of("url", "http://no-such-host.invalid/")).open(context()))
                .isInstanceOf(TransientDeliveryException.class).hasMessageContaining("'no-such-host.invalid' is not known");
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> spoken = CompletableFuture.runAsync(() -> greet(server));
            HttpBackend backend = backend(Map.of("url", "http://127.0.0.1:" + server.getLocalPort() + "/"));
            backend.open(context());
            assertThatThrownBy(() -> backend.write(batch(0, 1))).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("no answer of HTTP");
            spoken.get(20, TimeUnit.SECONDS);
        }
    }

    private static void greet(ServerSocket server) {
        try (Socket socket = server.accept(); OutputStream out = socket.getOutputStream()) {
            out.write("220 mail.example ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // until the client goes: who ends with unread bytes resets the connection, and the client tries again
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    private static String counts(int accepted, int known, int refused, int... indices) {
        return "{\"accepted\":" + accepted + ",\"known\":" + known + ",\"refused\":" + refused + ",\"errors\":[" + String.join(",",
                IntStream.of(indices).mapToObj(i -> "{\"index\":" + i + ",\"code\":\"source_not_allowed\",\"reason\":\"no\"}").toList()) + "]}";
    }

    private static TestBatch batch(long first, int count) {
        return TestBatch.of(LOG, first, IntStream.range(0, count).mapToObj(i -> TestMessage.event("service", 1, "entry " + (first + i))).toList());
    }

    private static List<String> texts(TestBatch batch) {
        return batch.messages().stream().map(TestMessage::text).toList();
    }

    private TestBackendContext context() {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "http", "sink"), LOG, home, new TestClock(NOW));
    }

    private HttpBackend open(Map<String, Object> values) throws Exception {
        HttpBackend backend = backend(values);
        backend.open(context());
        return backend;
    }

    private HttpBackend backend(Map<String, Object> values) {
        Map<String, Object> all = new HashMap<>(Map.of("url", service.url(), "receiver", "service"));
        all.putAll(values);
        HttpBackend backend = new HttpBackend(ComponentConfig.of(HttpBackendConfig.class, all));
        opened.add(backend);
        return backend;
    }
}
