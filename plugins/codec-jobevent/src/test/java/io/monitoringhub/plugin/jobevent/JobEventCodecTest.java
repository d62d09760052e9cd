package io.monitoringhub.plugin.jobevent;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.protocol.Message;
import io.monitoringhub.protocol.MessageReader;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.testkit.DecodedItems;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class JobEventCodecTest {

    private static final double NOON = 1795348800000.0;

    private final MessageReader reader = new MessageReader(ProtocolLimits.VERSION_1);

    @Test
    void a_job_that_starts_opens_a_span_of_its_business_keys_trace() throws Exception {
        List<Message> messages = messages(Samples.event("started"));
        assertThat(messages).hasSize(4);
        assertThat(messages.get(0)).isInstanceOfSatisfying(Message.Span.class, span -> {
            assertThat(span.header()).isEqualTo(new Message.Header("planner", (long) NOON, Optional.of("B-9"), Optional.of("4711"),
                    Optional.of("4700")));
            assertThat(span.name()).isEqualTo("order");
            assertThat(span.start()).isEqualTo(NOON);
            assertThat(span.end()).isEqualTo(OptionalDouble.empty());
            assertThat(span.status()).isEqualTo("well");
            assertThat(span.tags()).containsEntry("site_id", "fab1").containsEntry("sub_key", "7").containsEntry("business_key", "B-9");
        });
        assertThat(messages.get(1)).isInstanceOfSatisfying(Message.Progress.class, progress -> {
            assertThat(progress.jobId()).isEqualTo("4711");
            assertThat(progress.percent()).isEqualTo(40);
        });
        assertThat(messages.get(2)).isInstanceOfSatisfying(Message.Metric.class, metric -> {
            assertThat(metric.name()).isEqualTo("items");
            assertThat(metric.value()).isEqualTo(12.5);
        });
        assertThat(messages.get(3)).isInstanceOfSatisfying(Message.Metric.class, metric -> assertThat(metric.unit()).isEqualTo("MB"));
    }

    @Test
    void each_kind_becomes_what_fits() throws Exception {
        assertThat(types("progress")).containsExactly("Progress", "Metric", "Metric");
        assertThat(types("metric")).containsExactly("Metric", "Metric", "Metric");
        assertThat(types("finished")).containsExactly("Span", "Progress", "Metric", "Metric");
        assertThat(types("error")).containsExactly("Span", "Event", "Progress", "Metric", "Metric");
        assertThat(types("canceled")).containsExactly("Span", "Event", "Progress", "Metric", "Metric");
    }

    @Test
    void the_end_closes_the_span() throws Exception {
        for (String kind : List.of("finished", "error", "canceled")) {
            assertThat(messages(Samples.event(kind)).get(0)).isInstanceOfSatisfying(Message.Span.class, span -> {
                assertThat(span.end()).isEqualTo(OptionalDouble.of(NOON));
                assertThat(span.status()).isEqualTo(kind.equals("finished") ? "well" : kind);
            });
        }
    }

    @Test
    void the_key_names_the_item() {
        assertThat(DecodedItems.of(new JobEventCodec(), bytes(Samples.event("started"))).items().get(0).key()).hasValue("4711-1");
        assertThat(DecodedItems.of(new JobEventCodec(), bytes(Samples.SMALLEST)).items().get(0).key()).isEmpty();
    }

    @Test
    void half_a_character_is_kept_as_it_was_written() throws Exception {
        String odd = Samples.SMALLEST.replace("}}", ",\"note\":\"\\ud800\"}}");
        assertThat(DecodedItems.of(new JobEventCodec(), bytes(odd)).items().get(0).messages().get(0)).containsIgnoringCase("\"note\":\"\\ud800\"");
        assertThat(messages(odd)).isNotEmpty();
    }

    @Test
    void a_job_without_a_parent_is_its_own_trace() throws Exception {
        assertThat(messages(Samples.SMALLEST).get(0).header().traceId()).hasValue("1");
    }

    @Test
    void times_are_understood_in_all_their_spellings() throws Exception {
        for (String at : List.of("1795348800000", "1795348800", "1795348800.000", "\"2026-11-22T12:00:00Z\"", "\"2026-11-22T13:00:00+01:00\"",
                "\"2026-11-22 12:00:00\"", "\"2026-11-22T12:00:00.000\"", "1.7953488e12")) {
            Message first = messages(Samples.SMALLEST.replace("\"at\":5", "\"at\":" + at)).get(0);
            assertThat(first.header().timestamp()).as(at).isEqualTo((long) NOON);
        }
    }

    private List<String> types(String kind) throws Exception {
        return messages(Samples.event(kind)).stream().map(message -> message.getClass().getSimpleName()).toList();
    }

    private List<Message> messages(String document) throws Exception {
        List<Message> messages = new ArrayList<>();
        DecodedItems decoded = DecodedItems.of(new JobEventCodec(), bytes(document));
        assertThat(decoded.refusals()).isEmpty();
        for (String message : decoded.items().get(0).messages()) {
            messages.add(reader.read(bytes(message)));
        }
        return messages;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
