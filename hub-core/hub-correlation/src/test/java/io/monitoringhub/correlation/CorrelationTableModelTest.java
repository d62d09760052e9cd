package io.monitoringhub.correlation;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Small alphabets, so that messages contradict each other, repeat and form loops. */
class CorrelationTableModelTest {

    @Property(tries = 500)
    void anyOrderOfArrivalGivesTheSameTrace(@ForAll("messages") List<Sample> messages, @ForAll long seed) {
        List<Sample> shuffled = new ArrayList<>(messages);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(known(shuffled)).isEqualTo(known(messages));
    }

    @Property(tries = 200)
    void messagesThatComeAgainChangeNoSpanAndNoJob(@ForAll("messages") List<Sample> messages) {
        CorrelationTable once = filled(messages);
        List<Sample> again = new ArrayList<>(messages);
        again.addAll(messages);
        CorrelationTable twice = filled(again);

        assertThat(twice.trace("t").map(Trace::spans)).isEqualTo(once.trace("t").map(Trace::spans));
        assertThat(twice.job("j")).isEqualTo(once.job("j"));
        assertThat(twice.figures()).isEqualTo(once.figures());
    }

    private static List<Object> known(List<Sample> messages) {
        CorrelationTable table = filled(messages);
        return List.of(table.trace("t"), table.job("j"), table.figures());
    }

    private static CorrelationTable filled(List<Sample> messages) {
        CorrelationTable table = new CorrelationTable(CorrelatorSettings.defaults());
        messages.forEach(message -> message.into(table));
        return table;
    }

    @Provide
    Arbitrary<List<Sample>> messages() {
        Arbitrary<Long> times = Arbitraries.longs().between(0, 5);
        Arbitrary<String> sources = Arbitraries.of("a", "b");
        Arbitrary<String> spans = Arbitraries.of("1", "2", "3");
        Arbitrary<String> parents = Arbitraries.of("", "1", "2", "9");
        Arbitrary<String> data = Combinators.combine(Arbitraries.of("", "x", "y"), times, times, Arbitraries.of("", "ok", "error"),
                Arbitraries.integers().between(0, 40)).as((name, start, end, status, tag) -> "{\"name\":\"" + name + "\",\"start\":" + start
                        + ",\"end\":" + (end == 0 ? "null" : end) + ",\"status\":\"" + status + "\",\"tags\":{\"k" + tag + "\":" + start + "}}");
        Arbitrary<Sample> messages = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Combinators.combine(sources, times, spans, parents, data)
                        .as((source, time, span, parent, body) -> Sample.span(source, time, "t", span, parent, body))),
                net.jqwik.api.Tuple.of(1, Combinators.combine(sources, times).as((source, time) -> Sample.event(source, time, "t", Level.ERROR))),
                net.jqwik.api.Tuple.of(2, Combinators.combine(sources, times, Arbitraries.of("", "t"), Arbitraries.of(1.0, 50.0),
                        Arbitraries.of("", "running")).as((source, time, trace, percent, status) -> Sample.progress(source, time, trace, "j",
                                percent, status))));
        return messages.list().ofMaxSize(60);
    }
}
