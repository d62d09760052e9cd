package io.monitoringhub.plugin.http;

import static io.monitoringhub.plugin.http.Requests.lines;
import static io.monitoringhub.plugin.http.Requests.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.monitoringhub.plugin.http.Requests.Answered;
import io.monitoringhub.spi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HttpTransportTest {

    private static final String JSON = "application/json";
    private static final String NDJSON = "application/x-ndjson";

    @TempDir
    private Path folder;
    private HttpHub hub;
    private Requests http;

    @BeforeEach
    void start() throws Exception {
        hub = HttpHub.start(folder, Map.of("max_body_bytes", 100_000, "max_inflated_bytes", 1_000_000));
        http = new Requests(hub);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void one_message_is_stored_byte_for_byte() throws Exception {
        Answered answer = http.post(IngestServlet.EVENTS, message(1), "Content-Type", JSON);
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.response().body()).isEqualTo("{\"accepted\":1,\"known\":0,\"refused\":0,\"errors\":[]}\n");
        assertThat(hub.stored()).containsExactly(message(1));
    }

    @Test
    void messages_of_another_log_are_known_by_their_offsets_however_they_are_cut() throws Exception {
        String[] first = {"Content-Type", NDJSON, "Monitoring-Hub-Sender", "log/lane", "Monitoring-Hub-Offsets", "0 2 5 1"};
        assertThat(http.post(IngestServlet.BATCH, lines(3), first).response().body()).startsWith("{\"accepted\":3,\"known\":0");
        assertThat(http.post(IngestServlet.BATCH, lines(3), first).response().body()).startsWith("{\"accepted\":0,\"known\":3");
        assertThat(http.post(IngestServlet.BATCH, message(1) + "\n" + message(2) + "\n" + message(3), "Content-Type", NDJSON,
                "Monitoring-Hub-Sender", "log/lane", "Monitoring-Hub-Offsets", "1 1 5 2").response().body())
                .startsWith("{\"accepted\":1,\"known\":2");
        assertThat(http.post(IngestServlet.BATCH, message(4), "Content-Type", NDJSON, "Monitoring-Hub-Sender", "log/other",
                "Monitoring-Hub-Offsets", "0").response().body()).startsWith("{\"accepted\":1");
        assertThat(hub.stored()).containsExactly(message(0), message(1), message(2), message(3), message(4));
    }

    @Test
    void headers_of_a_sender_that_are_not_right_are_refused() throws Exception {
        for (String[] pair : new String[][] {{"Monitoring-Hub-Sender", "log/lane"}, {"Monitoring-Hub-Offsets", "0"}}) {
            assertThat(http.post(IngestServlet.BATCH, message(1), "Content-Type", NDJSON, pair[0], pair[1]).status()).isEqualTo(400);
        }
        for (String offsets : List.of("", "-1", "1,2", "1 0", "9999999999999999999", "1 " + "999999999999999999 ".repeat(10).strip())) {
            assertThat(http.post(IngestServlet.BATCH, message(1), "Content-Type", NDJSON, "Monitoring-Hub-Sender", "log/lane",
                    "Monitoring-Hub-Offsets", offsets).error()).as(offsets).isEqualTo("bad_request");
        }
        assertThat(hub.stored()).isEmpty();
    }

    @Test
    void lines_are_stored_and_bad_ones_are_told_by_their_index() throws Exception {
        Answered answer = http.post(IngestServlet.EVENTS, message(1) + "\nnonsense\n\n" + message(2) + "\n{\"v\":2}\n", "Content-Type", NDJSON);
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().get("accepted").asInt()).isEqualTo(2);
        assertThat(answer.json().get("refused").asInt()).isEqualTo(2);
        assertThat(answer.json().get("errors").findValuesAsText("index")).containsExactly("1", "3");
        assertThat(answer.json().get("errors").findValuesAsText("code")).containsExactly("not_object", "unknown_version");
        assertThat(hub.stored()).containsExactly(message(1), message(2));
    }

    @Test
    void an_array_and_an_envelope_are_batches_whatever_their_layout() throws Exception {
        String pretty = "[\n  " + message(1).replace(",", ",\n    ") + " ,\n\t" + message(2) + "\n]\n";
        assertThat(http.post(IngestServlet.BATCH, pretty, "Content-Type", JSON).json().get("accepted").asInt()).isEqualTo(2);
        assertThat(http.post(IngestServlet.EVENTS_BATCH, "{ \"events\" : [" + message(3) + "] }").json().get("accepted").asInt()).isEqualTo(1);
        assertThat(hub.stored()).containsExactly(message(1), message(2), message(3));
    }

    @Test
    void a_batch_of_which_something_is_missing_stores_nothing() throws Exception {
        for (String broken : List.of("[" + message(1) + "," + message(2), "[" + message(1) + "]]", "[" + message(1) + " " + message(2) + "]",
                "[" + message(1) + ",]", "{\"events\":[" + message(1) + "]", "{\"events\":[" + message(1) + "],\"more\":1}",
                "[{\"a\":\"line\nbreak\"}," + message(1) + "]", "[}")) {
            Answered answer = http.post(IngestServlet.BATCH, broken, "Content-Type", JSON);
            assertThat(answer.status()).as(broken).isEqualTo(400);
            assertThat(answer.error()).as(broken).isEqualTo("malformed_body");
            assertThat(answer.json().at("/error/message").asText()).contains("at byte");
        }
        assertThat(hub.stored()).isEmpty();
    }

    @Test
    void a_batch_in_which_no_item_is_a_message_is_an_error() throws Exception {
        Answered answer = http.post(IngestServlet.BATCH, "[1,\"two\",{\"v\":1}]", "Content-Type", JSON);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error()).isEqualTo("all_refused");
        assertThat(answer.json().get("errors")).hasSize(3);
    }

    @Test
    void compressed_bodies_are_taken() throws Exception {
        for (String encoding : List.of("gzip", "zstd", "deflate", "identity")) {
            Answered answer = http.post(IngestServlet.BATCH, compressed(encoding, lines(500)), "Content-Type", NDJSON, "Content-Encoding", encoding);
            assertThat(answer.status()).as("%s: %s", encoding, answer.json()).isEqualTo(202);
            assertThat(answer.json().get("accepted").asInt()).isEqualTo(500);
        }
        assertThat(hub.stored()).hasSize(2000);
    }

    @Test
    void a_small_body_that_holds_a_huge_one_stores_nothing() throws Exception {
        for (String encoding : List.of("gzip", "zstd", "deflate")) {
            byte[] bomb = compressed(encoding, message(1) + "\n" + " ".repeat(50_000_000));
            assertThat(bomb.length).isLessThan(100_000);
            Answered answer = http.post(IngestServlet.BATCH, bomb, "Content-Type", NDJSON, "Content-Encoding", encoding);
            assertThat(answer.status()).as(encoding).isEqualTo(413);
            assertThat(answer.error()).isEqualTo("inflated_too_large");
        }
        assertThat(hub.stored()).isEmpty();
    }

    @Test
    void a_body_that_is_cut_off_or_not_what_it_says_stores_nothing() throws Exception {
        for (String encoding : List.of("gzip", "zstd", "deflate")) {
            byte[] whole = compressed(encoding, lines(500));
            byte[] half = java.util.Arrays.copyOf(whole, whole.length / 2);
            assertThat(http.post(IngestServlet.BATCH, half, "Content-Encoding", encoding).error()).as(encoding).isEqualTo("malformed_body");
            assertThat(http.post(IngestServlet.BATCH, message(1), "Content-Encoding", encoding).error()).as(encoding).isEqualTo("malformed_body");
        }
        assertThat(hub.stored()).isEmpty();
    }

    @Test
    void what_comes_again_under_the_same_key_is_stored_once() throws Exception {
        assertThat(http.post(IngestServlet.EVENTS, lines(3), "Idempotency-Key", "k1").json().get("accepted").asInt()).isEqualTo(3);
        Answered again = http.post(IngestServlet.EVENTS, lines(3), "Idempotency-Key", "k1");
        assertThat(again.status()).isEqualTo(202);
        assertThat(again.json().get("known").asInt()).isEqualTo(3);
        assertThat(hub.stored()).hasSize(3);
    }

    @Test
    void errors_of_the_head_say_what_to_do() throws Exception {
        expect(415, "unsupported_media_type", http.post(IngestServlet.EVENTS, message(1), "Content-Type", "application/x-www-form-urlencoded"));
        expect(415, "unsupported_encoding", http.post(IngestServlet.EVENTS, message(1), "Content-Encoding", "br"));
        expect(415, "unknown_format", http.post(IngestServlet.EVENTS + "?format=nosuch", message(1)));
        expect(401, "unauthorized", http.post(IngestServlet.EVENTS, message(1), "Authorization", "Basic eA=="));
        expect(400, "invalid_idempotency_key", http.post(IngestServlet.EVENTS, message(1), "Idempotency-Key", "k".repeat(256)));
        expect(413, "body_too_large", http.post(IngestServlet.EVENTS, lines(2000)));
        expect(400, "empty_body", http.post(IngestServlet.EVENTS, ""));
        expect(404, "not_found", http.post("/nowhere", ""));
        Answered get = http.send(HttpRequest.newBuilder(hub.uri(IngestServlet.EVENTS)).GET().build());
        expect(405, "method_not_allowed", get);
        assertThat(get.header("Allow")).isEqualTo("POST");
        assertThat(hub.stored()).isEmpty();
    }

    @Test
    void a_body_of_unknown_length_that_grows_too_large_is_ended() throws Exception {
        HttpRequest chunked = HttpRequest.newBuilder(hub.uri(IngestServlet.EVENTS)).POST(HttpRequest.BodyPublishers.ofInputStream(
                () -> new java.io.ByteArrayInputStream(lines(2000).getBytes(StandardCharsets.UTF_8)))).build();
        expect(413, "body_too_large", http.send(chunked));
    }

    @Test
    void items_of_another_format_have_keys_of_their_own() throws Exception {
        Codec codec = (document, output) -> {
            String text = new String(document, StandardCharsets.UTF_8);
            if (text.contains("bad")) {
                output.refuse("invalid_field", "it is bad");
            } else {
                output.item(Optional.of("key of " + text), List.of(message(1).getBytes(StandardCharsets.UTF_8),
                        message(2).getBytes(StandardCharsets.UTF_8)));
            }
        };
        hub.codecs.put("jobevent", codec);
        String one = "{\"entity\":{\"id\":\"1\"},\"event\":{}}";
        String two = "{\"entity\":{\"id\":\"2\"},\"event\":{}}";
        Answered first = http.post(IngestServlet.BATCH, "[" + one + "]", "Content-Type", JSON);
        assertThat(first.json().get("accepted").asInt()).as("%s", first.json()).isEqualTo(1);
        Answered second = http.post(IngestServlet.BATCH + "?format=jobevent", "[" + one + ",\"bad\"," + two + "]");
        assertThat(second.json().get("known").asInt()).isEqualTo(1);
        assertThat(second.json().get("accepted").asInt()).isEqualTo(1);
        assertThat(second.json().get("refused").asInt()).isEqualTo(1);
        assertThat(second.json().at("/errors/0/index").asInt()).isEqualTo(1);
        assertThat(hub.stored()).hasSize(4);
        Answered twice = http.post(IngestServlet.BATCH, "[" + one.replace("1", "3") + "," + one.replace("1", "3") + "]");
        assertThat(twice.json().get("accepted").asInt()).as("%s", twice.json()).isEqualTo(1);
        assertThat(twice.json().get("known").asInt()).isEqualTo(1);
        hub.codecs.put("jobevent", (document, output) -> {
            throw new IllegalStateException("broken codec");
        });
        assertThat(http.post(IngestServlet.BATCH, one).json().at("/errors/0/code").asText()).isEqualTo("codec_fault");
    }

    @Test
    void tokens_are_those_of_the_hub() throws Exception {
        hub.wantToken("right", List.of("shop"), Set.of());
        hub.wantToken("narrow", List.of("billing-*"), Set.of());
        assertThat(http.post(IngestServlet.EVENTS, message(1), "Authorization", "Bearer right").status()).isEqualTo(202);
        Answered wrong = http.post(IngestServlet.EVENTS, message(1), "Authorization", "Bearer wrong");
        expect(401, "unauthorized", wrong);
        assertThat(wrong.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(wrong.response().body()).doesNotContain("wrong");
        assertThat(http.post(IngestServlet.EVENTS, message(1), "Authorization", "Bearer narrow").json().at("/errors/0/code").asText())
                .isEqualTo("source_not_allowed");
        assertThat(hub.stored()).hasSize(1);
    }

    private static void expect(int status, String code, Answered answer) {
        assertThat(answer.error()).as("%s", answer.json()).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.json().at("/error/message").asText()).isNotBlank();
        assertThat(answer.json().at("/error/hint").asText()).isNotBlank();
    }

    static byte[] compressed(String encoding, String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = switch (encoding) {
            case "gzip" -> new GZIPOutputStream(bytes);
            case "deflate" -> new DeflaterOutputStream(bytes);
            case "zstd" -> new ZstdOutputStream(bytes);
            default -> bytes;
        }) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
