package io.monitoringhub.plugin.jobevent;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.protocol.MessageReader;
import io.monitoringhub.protocol.ProtocolLimits;
import io.monitoringhub.testkit.DecodedItems;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a job event holds, every value of it is in the messages, and every message is one. */
class NothingIsLostModelTest {

    private final JsonTree json = new JsonTree();
    private int leaves;

    @Property(tries = 500)
    void every_value_is_found_again(@ForAll("documents") Map<String, Object> document) throws Exception {
        DecodedItems decoded = DecodedItems.of(new JobEventCodec(), json.write(document));
        assertThat(decoded.refusals()).isEmpty();
        StringBuilder all = new StringBuilder();
        for (String message : decoded.items().get(0).messages()) {
            new MessageReader(ProtocolLimits.VERSION_1).read(message.getBytes(StandardCharsets.UTF_8));
            all.append(message).append('\n');
        }
        leaves = 0;
        assertFound(document, all.toString());
        assertThat(leaves).isPositive();
    }

    /** Every leaf has a value that stands nowhere else, so finding its text is finding it. */
    private void assertFound(Object value, String messages) throws Exception {
        if (value instanceof Map<?, ?> members) {
            for (Map.Entry<?, ?> member : members.entrySet()) {
                assertFound(member.getValue(), messages);
            }
        } else if (value instanceof List<?> elements) {
            for (Object element : elements) {
                assertFound(element, messages);
            }
        } else if (value != null) {
            leaves++;
            assertThat(messages).contains(new String(json.write(value), StandardCharsets.UTF_8));
        }
    }

    @Provide
    Arbitrary<Map<String, Object>> documents() {
        Arbitrary<Map<String, Object>> app = members("name", "app_id", "version", "extra");
        Arbitrary<Map<String, Object>> entity = members("type", "parent_id", "business_key", "sub_key", "extra");
        Arbitrary<Map<String, Object>> event = members("status", "metadata", "extra");
        Arbitrary<Map<String, Object>> metrics = members("percent", "items", "progress", "note", "");
        Arbitrary<String> kinds = Arbitraries.of("started", "progress", "metric", "finished", "error", "canceled");
        return Combinators.combine(members("idempotency_key", "custom", "tags"), app, entity, event, metrics, kinds)
                .as((top, appFields, entityFields, eventFields, metricFields, kind) -> {
                    Map<String, Object> document = new LinkedHashMap<>(top);
                    document.put("site_id", "site-of-" + appFields.hashCode());
                    document.put("app", appFields);
                    Map<String, Object> theEntity = new LinkedHashMap<>(entityFields);
                    theEntity.put("id", "id-" + kind + entityFields.hashCode());
                    document.put("entity", theEntity);
                    Map<String, Object> theEvent = new LinkedHashMap<>(eventFields);
                    theEvent.put("kind", kind);
                    theEvent.put("at", new JsonTree.Literal("1795348800123", true));
                    theEvent.put("metrics", metricFields);
                    document.put("event", theEvent);
                    return document;
                });
    }

    private static Arbitrary<Map<String, Object>> members(String... names) {
        return Arbitraries.maps(Arbitraries.of(names), values()).ofMaxSize(names.length).map(LinkedHashMap::new);
    }

    private static Arbitrary<Object> values() {
        Arbitrary<Object> text = Arbitraries.strings().alpha().ofMinLength(8).ofMaxLength(20).map(each -> each);
        Arbitrary<Object> odd = Arbitraries.of("quote\" \\ and é €", "<tag> & more", "a/b: c");
        Arbitrary<Object> number = Arbitraries.longs().between(1_000_000, Long.MAX_VALUE)
                .map(each -> new JsonTree.Literal(Long.toString(each), true));
        Arbitrary<Object> share = Arbitraries.integers().between(0, 100).map(each -> new JsonTree.Literal(each + ".2500", true));
        Arbitrary<Object> exact = Arbitraries.of("1e400", "-0", "0.10000000000000000000000000001").map(each -> new JsonTree.Literal(each, true));
        Arbitrary<Object> truth = Arbitraries.of("true", "false").map(each -> new JsonTree.Literal(each, false));
        Arbitrary<Object> leaf = Arbitraries.oneOf(text, number, share, exact, truth);
        Arbitrary<Object> list = leaf.list().ofMaxSize(3).map(each -> each);
        Arbitrary<Object> map = Arbitraries.maps(Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(5), leaf).ofMaxSize(3).map(each -> each);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(6, leaf), net.jqwik.api.Tuple.of(1, odd), net.jqwik.api.Tuple.of(1, list),
                net.jqwik.api.Tuple.of(1, map), net.jqwik.api.Tuple.of(1, Arbitraries.of("").map(each -> (Object) each)));
    }
}
