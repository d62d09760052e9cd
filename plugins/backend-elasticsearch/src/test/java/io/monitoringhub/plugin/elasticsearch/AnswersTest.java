package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.plugin.elasticsearch.BulkAnswer.Failure;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers say, and what it means. */
class AnswersTest {

    private static BulkAnswer read(String json) throws IOException {
        return BulkAnswer.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void items_that_failed_are_found_with_their_place() throws Exception {
        BulkAnswer answer = read("""
                {"took":3,"errors":true,"items":[{"create":{"status":201}},
                {"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse","caused_by":{"reason":"For input"}}}},
                {"create":{"error":{"reason":"exists","type":"version_conflict_engine_exception","more":{"a":[1]}},"status":409}}]}
                """);
        assertThat(answer.items()).isEqualTo(3);
        assertThat(answer.failures()).containsExactly(new Failure(1, 400, "mapper_parsing_exception", "failed to parse (For input)"),
                new Failure(2, 409, "version_conflict_engine_exception", "exists"));
    }

    @Test
    void an_answer_that_is_cut_off_or_is_something_else_is_no_answer() {
        assertThatThrownBy(() -> read("{\"items\":[{\"create\":{\"status\":201}},")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("<html>")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("[]")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("")).isInstanceOf(IOException.class);
    }

    @Test
    void errors_of_any_form_are_told_in_the_servers_words() {
        assertThat(BulkAnswer.error(401, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"who\"},\"status\":401}".getBytes(StandardCharsets.UTF_8)))
                .hasToString("401 security_exception: who");
        assertThat(BulkAnswer.error(405, "{\"error\":\"Incorrect method\"}".getBytes(StandardCharsets.UTF_8))).hasToString("405: Incorrect method");
        assertThat(BulkAnswer.error(502, "<h1>Bad\n\tGateway</h1>".getBytes(StandardCharsets.UTF_8))).hasToString("502: <h1>Bad Gateway</h1>");
        assertThat(BulkAnswer.error(503, new byte[0])).hasToString("503");
    }

    @ParameterizedTest
    @CsvSource({
        "409, version_conflict_engine_exception, exists, WRITTEN, ''",
        "400, mapper_parsing_exception, no date, REJECTED, 400 mapper_parsing_exception: no date",
        "400, validation_exception, this action would add [2] shards, LATER, full",
        "400, index_closed_exception, closed, STOP, open it",
        "403, security_exception, action is unauthorized, STOP, unauthorised",
        "403, cluster_block_exception, index [x] blocked by: [FORBIDDEN/8/index write (api)];, STOP, blocked",
        "403, cluster_block_exception, blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];, LATER, full",
        "403, cluster_block_exception, blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];, LATER, full",
        "429, cluster_block_exception, disk usage exceeded flood-stage watermark, LATER, full",
        "429, es_rejected_execution_exception, queue is full, LATER, overloaded",
        "503, unavailable_shards_exception, primary shard is not active, LATER, unavailable",
        "404, index_not_found_exception, no such index, STOP, auto_create_index",
        "413, x, y, REJECTED, 413"})
    void what_an_item_means(int status, String type, String reason, Verdict.Kind kind, String words) {
        Verdict verdict = Verdict.ofItem(new Failure(0, status, type, reason));
        assertThat(verdict.kind()).isEqualTo(kind);
        assertThat(verdict.words()).contains(words);
    }

    @Test
    void what_a_request_means() {
        Duration wait = Duration.ofSeconds(7);
        assertThat(request(401, "", wait)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("unauthorised");
        assertThat(request(403, "", wait)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("unauthorised");
        assertThat(request(404, "", wait)).isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("see hosts");
        assertThat(request(301, "", wait)).isInstanceOf(PermanentDeliveryException.class);
        assertThat(request(413, "", wait)).isInstanceOf(BatchRefusedException.class);
        assertThat(request(400, "", wait)).isInstanceOf(BatchRefusedException.class);
        assertThat(request(429, "flood-stage", wait)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("full");
        assertThat(request(503, "", wait)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("unavailable");
        assertThat(((TransientDeliveryException) request(429, "", wait)).retryAfter()).isEqualTo(wait);
    }

    private static DeliveryException request(int status, String reason, Duration wait) {
        return Verdict.ofRequest("write", new Failure(0, status, "", reason), wait);
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "'', 0", "soon, 0", "-3, 0", "999999999, 600", "'Sun, 22 Nov 2026 09:30:20 GMT', 20", "'Sun, 22 Nov 2026 09:29:00 GMT', 0"})
    void how_long_to_wait(String header, long seconds) {
        HttpHeaders headers = HttpHeaders.of(header.isEmpty() ? Map.of() : Map.of("retry-after", List.of(header)), (name, value) -> true);
        assertThat(Retry.after(headers, Clock.fixed(Instant.parse("2026-11-22T09:30:00Z"), ZoneOffset.UTC))).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"7.17.1, '', default, Elasticsearch 7.17.1, true, true", "7.6.0, '', default, Elasticsearch 7.6.0, true, false",
        "7.10.2, '', oss, Elasticsearch 7.10.2, false, true", "9.1.0, '', default, Elasticsearch 9.1.0, true, true",
        "1.3.0, opensearch, '', OpenSearch 1.3.0, false, true", "2.11.1, opensearch, '', OpenSearch 2.11.1, false, true",
        "2.12.0, opensearch, '', OpenSearch 2.12.0, true, true", "3.0.0-beta1, opensearch, '', OpenSearch 3.0.0-beta1, true, true",
        "7.10.2, opensearch, '', OpenSearch 7.10.2, true, true"})
    void products_are_told_apart(String number, String distribution, String flavor, String name, boolean hasFlattened, boolean hasTemplates)
            throws Exception {
        Product product = Product.of(number, distribution, flavor, "http://es1");
        assertThat(product.name()).isEqualTo(name);
        assertThat(product.hasFlattened()).isEqualTo(hasFlattened);
        assertThat(product.hasTemplates()).isEqualTo(hasTemplates);
    }

    @Test
    void what_is_too_old_or_something_else_is_refused() {
        assertThatThrownBy(() -> Product.of("6.8.0", "", "default", "http://es1")).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("Elasticsearch 6.8.0: expected Elasticsearch 7 or later");
        assertThatThrownBy(() -> Product.of("", "", "", "http://es1")).hasMessageContaining("neither Elasticsearch nor OpenSearch");
    }

    @Test
    void the_name_of_an_index_follows_from_the_entry() {
        long late = Instant.parse("2026-11-22T23:59:59.999Z").toEpochMilli();
        IndexName names = new IndexName("hub-{type}-{date}");
        assertThat(names.of(MessageType.METRIC, late)).isEqualTo("hub-metric-2026.11.22");
        assertThat(names.of(MessageType.METRIC, late + 1)).isEqualTo("hub-metric-2026.11.23");
        assertThat(names.of(MessageType.EVENT, late)).isEqualTo("hub-event-2026.11.22");
        assertThat(new IndexName("all").of(MessageType.EVENT, late)).isEqualTo("all");
        assertThat(new IndexName("m-{month}").of(MessageType.EVENT, late)).isEqualTo("m-2026.11");
        assertThat(IndexName.wildcard("hub-{type}-{date}")).isEqualTo("hub-*-*");
        assertThat(IndexName.common("hub-{type}-{date}")).isEqualTo("hub");
    }
}
