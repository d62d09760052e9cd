package io.monitoringhub.sdk.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.direct.BackendResult;
import io.monitoringhub.sdk.direct.Batch;
import io.monitoringhub.sdk.direct.DeliveryException;
import io.monitoringhub.sdk.direct.WriteResult;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testservers.OpenSearchServer;
import io.monitoringhub.testservers.SearchServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real OpenSearch; answers to which it can't be brought come from a server that only gives those. */
@Timeout(300)
class ElasticsearchBackendTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static SearchServer server;

    @TempDir
    Path spool;

    @BeforeAll
    static void startsTheServer() throws Exception {
        server = new OpenSearchServer(folder);
        server.start();
    }

    @AfterAll
    static void stopsTheServer() throws Exception {
        server.close();
    }

    private static ElasticsearchBackend.Builder backend() {
        return ElasticsearchBackend.at(URI.create(server.url())).timeout(LONG);
    }

    private SdkBuilder sdk() {
        return MonitoringSdk.builder().source("test").closeTimeout(LONG).backoff(Duration.ofMillis(1), Duration.ofMillis(50)).spoolDirectory(spool);
    }

    private static void log(MonitoringSdk sdk, int from, int to) {
        IntStream.range(from, to).forEach(i -> sdk.logEvent("info", "message " + i));
    }

    private static Batch batch(UUID client, String... data) {
        List<byte[]> lines = List.of(data).stream()
                .map(each -> ("{\"v\":1,\"src\":\"test\",\"ts\":1697821234567,\"type\":\"event\",\"data\":" + each + "}\n").getBytes(StandardCharsets.UTF_8)).toList();
        return new Batch("test", client, Instant.EPOCH, IntStream.rangeClosed(1, data.length).mapToObj(Long::valueOf).toList(), lines);
    }

    private static String search(String index) throws Exception {
        server.ask("POST", "/" + index + "/_refresh", "");
        return server.ask("GET", "/" + index + "/_search?size=10000&track_total_hits=true&filter_path=hits.total.value,hits.hits._source", "");
    }

    private static List<Integer> numbers(String found) {
        return Pattern.compile("\"message ([0-9]+)\"").matcher(found).results().map(each -> Integer.valueOf(each.group(1))).sorted().toList();
    }

    @Test
    void aMessageIsADocumentOfItsDayWithATimeThatIsADate() throws Exception {
        try (MonitoringSdk sdk = sdk().direct(backend().index("days-{date}").build()).build()) {
            assertThat(sdk.health(LONG).get("elasticsearch").check()).matches("opensearch 2\\..* answers at http.*");
            log(sdk, 0, 1_200);
            assertThat(sdk.flush(LONG)).as(() -> sdk.backends().toString()).isTrue();
            assertThat(sdk.backends().get("elasticsearch").delivered()).isEqualTo(1_200);
        }
        assertThat(numbers(search("days-*"))).isEqualTo(IntStream.range(0, 1_200).boxed().toList());
        assertThat(server.ask("GET", "/_cat/indices/days-*?h=index", "")).matches("(days-\\d{4}-\\d\\d-\\d\\d\\s+)+");
        assertThat(server.ask("GET", "/days-*/_mapping/field/@timestamp", "")).contains("\"type\":\"date\"").doesNotContain("\"type\":\"long\"");
    }

    @Test
    void whatIsSentAgainChangesNothing() throws Exception {
        ElasticsearchBackend backend = backend().index("again").gzip(false).build();
        Batch batch = batch(UUID.randomUUID(), "{\"msg\":\"message 1\"}", "{\"msg\":\"message 2\"}");
        assertThat(backend.write(batch)).isEqualTo(WriteResult.ALL_WRITTEN);
        assertThat(backend.write(batch)).isEqualTo(WriteResult.ALL_WRITTEN);
        String found = search("again");
        assertThat(numbers(found)).containsExactly(1, 2);
        assertThat(found).contains("\"@timestamp\":\"2023-10-20T17:00:34.567Z\"", "\"ts\":1697821234567");
    }

    @Test
    void aDocumentThatDoesNotFitTheMappingIsRejectedAndItsNeighboursAreWritten() throws Exception {
        server.ask("PUT", "/strict", "{\"mappings\":{\"properties\":{\"data\":{\"properties\":{\"n\":{\"type\":\"integer\"}}}}}}");
        WriteResult result = backend().index("strict").build().write(batch(UUID.randomUUID(), "{\"n\":1}", "{\"n\":\"many\"}", "{\"n\":3}"));
        assertThat(result.rejected()).isOne();
        assertThat(result.reason()).contains("400 mapper_parsing_exception", "data.n");
        assertThat(result.retry()).isEmpty();
        assertThat(search("strict")).contains("\"value\":2");
    }

    @Test
    void anIndexThatMayNotBeWrittenIsForAPerson() throws Exception {
        server.ask("PUT", "/closed", "{\"settings\":{\"index.blocks.write\":true}}");
        assertThatThrownBy(() -> backend().index("closed").build().write(batch(UUID.randomUUID(), "{}"))).isInstanceOf(DeliveryException.class)
                .hasMessageContaining("the index refuses messages: 403").extracting(e -> ((DeliveryException) e).kind()).isEqualTo(DeliveryException.Kind.PERMANENT);
    }

    /** What was sent before the freeze is written after it, and so is what was sent again because no answer came. */
    @Test
    void aServerThatWasFrozenHasEveryMessageOnceInTheEnd() throws Exception {
        try (MonitoringSdk sdk = sdk().backend(backend().index("frozen").timeout(Duration.ofSeconds(2)).build(),
                as -> as.batchSize(50).queue(200).linger(Duration.ofMillis(5))).build()) {
            log(sdk, 0, 300);
            Await.until("the first", LONG, () -> sdk.backends().get("elasticsearch").delivered() == 300, () -> sdk.backends().toString());
            server.freeze();
            log(sdk, 300, 1_000);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.backends().get("elasticsearch").state()).isEqualTo(BackendResult.State.RETRYING);
            assertThat(sdk.backends().get("elasticsearch").spooled()).isPositive();
            server.thaw();
            Await.until("all of it", LONG, () -> sdk.backends().get("elasticsearch").delivered() == 1_000, () -> sdk.backends().toString());
            assertThat(sdk.stats().dropped()).isZero();
        }
        assertThat(numbers(search("frozen"))).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    }

    @Test
    void whatTheServerSaysDecidesWhatIsTriedAgain() throws Exception {
        AtomicReference<String> body = new AtomicReference<>();
        AtomicReference<Integer> status = new AtomicReference<>(200);
        HttpServer answering = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answering.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] answer = body.get().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Retry-After", "7");
                exchange.sendResponseHeaders(status.get(), answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        answering.start();
        try {
            ElasticsearchBackend backend = ElasticsearchBackend.at(URI.create("http://127.0.0.1:" + answering.getAddress().getPort())).timeout(LONG)
                    .credentials("me", "secret").build();
            Batch batch = batch(UUID.randomUUID(), "{}", "{}", "{}", "{}");
            body.set("{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":429,\"error\":{\"type\":\"busy\",\"reason\":\"queue\"}}},"
                    + "{\"create\":{\"status\":400,\"error\":{\"type\":\"bad\",\"reason\":\"x\"}}},{\"create\":{\"status\":503}}]}");
            WriteResult result = backend.write(batch);
            assertThat(result.rejected()).isOne();
            assertThat(result.reason()).isEqualTo("400 bad: x");
            assertThat(result.retry()).containsExactly(1, 3);
            assertThat(result.why()).contains("503");

            body.set("{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}");
            fails(backend, batch, DeliveryException.Kind.TRANSIENT, "answered for 1 messages of 4");
            body.set("<html>a proxy</html>");
            fails(backend, batch, DeliveryException.Kind.TRANSIENT, "did not answer as Elasticsearch does");
            assertThatThrownBy(backend::check).isInstanceOf(DeliveryException.class).hasMessageContaining("is no Elasticsearch");
            status.set(429);
            assertThat(fails(backend, batch, DeliveryException.Kind.TRANSIENT, "429").retryAfter()).isEqualTo(Duration.ofSeconds(7));
            status.set(413);
            fails(backend, batch, DeliveryException.Kind.REFUSED, "413");
            status.set(401);
            assertThat(fails(backend, batch, DeliveryException.Kind.PERMANENT, "401")).message().doesNotContain("secret");
        } finally {
            answering.stop(0);
        }
    }

    private static DeliveryException fails(ElasticsearchBackend backend, Batch batch, DeliveryException.Kind kind, String words) {
        DeliveryException[] told = new DeliveryException[1];
        assertThatThrownBy(() -> backend.write(batch)).isInstanceOf(DeliveryException.class).hasMessageContaining(words)
                .satisfies(e -> told[0] = (DeliveryException) e);
        assertThat(told[0].kind()).isEqualTo(kind);
        return told[0];
    }
}
