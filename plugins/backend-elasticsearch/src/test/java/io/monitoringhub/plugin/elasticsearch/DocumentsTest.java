package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DocumentsTest {

    private static final long RECEIVED = 1_795_253_400_000L;
    private static final String EVENT_BASE = "\"event\":{\"kind\":\"%s\",\"module\":\"hub\",\"dataset\":\"hub.%s\","
            + "\"created\":\"2026-11-21T09:30:00Z\",\"sequence\":7,";

    private static String document(MessageType type, long sent, String message) throws Exception {
        Optional<Level> level = type == MessageType.EVENT ? Optional.of(Level.ERROR) : Optional.empty();
        TestMessage entry = new TestMessage("shop", type, level, sent, RECEIVED, message.getBytes(StandardCharsets.UTF_8));
        JsonText json = new JsonText();
        new Documents().write(TestBatch.of("log-1", 7, List.of(entry)), 0, json);
        return json.toString();
    }

    /** All names with their values, and that none stands in one object twice. */
    private static void requireJson(String json) throws Exception {
        try (JsonParser parser = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build().createParser(json)) {
            while (parser.nextToken() != null) {
                parser.currentName();
            }
        }
    }

    @Test
    void an_event_has_its_level_its_text_its_trace_and_its_context() throws Exception {
        String message = "{\"v\":1,\"src\":\"shop\",\"ts\":5,\"type\":\"event\",\"tid\":\"t\",\"sid\":\"s\",\"pid\":\"p\",\"data\":{\"level\":\"error\","
                + "\"msg\":\"gr\u00fc\u00df \\\"you\\\"\",\"ctx\":{\"a\":{\"b\":[1,\"x\",null]},\"c\":true,\"n\":null},\"bench\":100}}";
        String original = message.replace("\\", "\\\\").replace("\"", "\\\"");
        assertThat(document(MessageType.EVENT, 5, message)).isEqualTo("{\"@timestamp\":\"1970-01-01T00:00:00.005Z\",\"ecs\":{\"version\":\"8.11.0\"},"
                + EVENT_BASE.formatted("event", "event") + "\"original\":\"" + original + "\"},\"hub\":{\"log\":\"log-1\"},"
                + "\"service\":{\"name\":\"shop\"},\"log\":{\"level\":\"error\"},\"trace\":{\"id\":\"t\"},\"parent\":{\"id\":\"p\"},"
                + "\"span\":{\"id\":\"s\"},\"message\":\"gr\u00fc\u00df \\\"you\\\"\",\"labels\":{\"a.b\":[\"1\",\"x\"],\"c\":\"true\",\"bench\":\"100\"}}");
    }

    @Test
    void a_metric_has_its_value_as_a_number() throws Exception {
        assertThat(document(MessageType.METRIC, 5, "{\"data\":{\"name\":\"depth\",\"value\":4.5,\"unit\":\"1\",\"tags\":{\"q\":\"in\"}},\"type\":\"metric\"}"))
                .contains("\"kind\":\"metric\"").endsWith("\"metric\":{\"name\":\"depth\",\"value\":4.5,\"unit\":\"1\"},\"labels\":{\"q\":\"in\"}}");
    }

    @Test
    void a_number_that_no_double_holds_is_left_to_the_original() throws Exception {
        String nines = "9".repeat(2_000);
        assertThat(document(MessageType.METRIC, 5, "{\"data\":{\"name\":\"d\",\"value\":1e400}}")).endsWith("\"metric\":{\"name\":\"d\"}}");
        assertThat(document(MessageType.METRIC, 5, "{\"data\":{\"name\":\"d\",\"value\":" + nines + "}}")).endsWith("\"metric\":{\"name\":\"d\"}}")
                .contains(nines);
        assertThat(document(MessageType.METRIC, 5, "{\"data\":{\"name\":\"d\",\"value\":\"7\"}}")).endsWith("\"metric\":{\"name\":\"d\"}}");
    }

    @Test
    void a_span_has_times_and_the_duration_between_them() throws Exception {
        assertThat(document(MessageType.SPAN, 5, "{\"tid\":\"t\",\"sid\":\"s\",\"data\":{\"name\":\"load\",\"start\":1000,\"end\":3500,\"status\":\"ok\"}}"))
                .contains("\"start\":\"1970-01-01T00:00:01Z\",\"end\":\"1970-01-01T00:00:03.500Z\",\"duration\":2500000000,\"original\"")
                .contains("\"span\":{\"id\":\"s\",\"name\":\"load\",\"status\":\"ok\"}");
        assertThat(document(MessageType.SPAN, 5, "{\"sid\":\"s\",\"data\":{\"name\":\"\",\"start\":0,\"end\":3500}}"))
                .doesNotContain("start\":\"", "duration").contains("\"end\":\"1970", "\"span\":{\"id\":\"s\"}");
    }

    @Test
    void progress_and_resources_have_their_numbers() throws Exception {
        assertThat(document(MessageType.PROGRESS, 5, "{\"data\":{\"job_id\":12345,\"percent\":50,\"status\":\"running\"}}"))
                .endsWith("\"progress\":{\"job_id\":\"12345\",\"percent\":50.0,\"status\":\"running\"}}");
        assertThat(document(MessageType.RESOURCE, 5, "{\"data\":{\"cpu\":1.5,\"mem\":2,\"gpu\":3}}"))
                .endsWith("\"resource\":{\"cpu\":1.5,\"mem\":2.0},\"labels\":{\"gpu\":\"3\"}}");
        requireJson(document(MessageType.HEARTBEAT, 5, "{\"data\":[]}"));
    }

    @Test
    void a_time_that_no_server_reads_gives_way_to_that_of_the_receipt() throws Exception {
        assertThat(document(MessageType.HEARTBEAT, Long.MAX_VALUE, "{}")).startsWith("{\"@timestamp\":\"2026-11-21T09:30:00Z\"");
        assertThat(document(MessageType.HEARTBEAT, 253_402_300_799_999L, "{}")).startsWith("{\"@timestamp\":\"9999-12-31T23:59:59.999Z\"");
    }

    @Test
    void of_a_name_that_stands_there_twice_the_last_counts() throws Exception {
        String json = document(MessageType.EVENT, 5, "{\"data\":{\"msg\":\"one\",\"ctx\":{\"a\":1,\"a\":2},\"msg\":\"two\",\"ctx\":{\"b\":3}}}");
        assertThat(json).endsWith("\"message\":\"two\",\"labels\":{\"a\":\"2\",\"b\":\"3\"}}");
        requireJson(json);
    }

    @Test
    void labels_are_bounded_in_number_name_and_value() throws Exception {
        StringBuilder context = new StringBuilder("\"long\":\"" + "v".repeat(5_000) + "\",\"" + "n".repeat(5_000) + "\":1");
        for (int i = 0; i < 2_000; i++) {
            context.append(",\"k").append(i).append("\":").append(i);
        }
        String json = document(MessageType.EVENT, 5, "{\"data\":{\"msg\":\"\",\"ctx\":{" + context + "}}}");
        String labels = json.substring(json.indexOf("\"labels\":"));
        assertThat(labels).contains("\"long\":\"" + "v".repeat(Labels.MAX_VALUE) + "\"", "\"" + "n".repeat(Labels.MAX_NAME) + "\":\"1\"");
        assertThat(labels.split("\",\"")).hasSize(Labels.MAX_LABELS);
    }

    @Property(tries = 500)
    void any_names_and_texts_make_valid_json_whose_labels_have_no_empty_part(@ForAll String name, @ForAll String value) throws Exception {
        JsonText quoted = new JsonText();
        quoted.raw("{\"data\":{\"msg\":").string(value).raw(",\"ctx\":{").string(name).raw(":").string(value).raw(",\"o\":{").string(name)
                .raw(":1}}}}");
        String json = document(MessageType.EVENT, 5, quoted.toString());
        requireJson(json);
        String cleaned = Labels.name("o", name);
        assertThat(cleaned.split("\\.", -1)).allSatisfy(part -> assertThat(part).isNotEmpty());
        assertThat(cleaned.length()).isLessThanOrEqualTo(Labels.MAX_NAME);
    }
}
