package io.monitoringhub.correlation;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was seen of one trace, over all services. Immutable.
 *
 * @param id the trace's id
 * @param spans sorted by start, those without one last
 * @param sources who took part, sorted
 * @param firstTime the earliest time in any of its messages, in Unix milliseconds; 0 when none had a usable one
 * @param lastTime the latest
 * @param status how it stands
 * @param messages how many messages named it; one that was sent twice counts twice
 * @param droppedSpans how many messages were about spans for which there was no room
 * @param incomplete whether entries were skipped or missing since the trace was first seen, so that parts of it may be unknown
 */
public record Trace(String id, List<Span> spans, List<String> sources, long firstTime, long lastTime, Status status, Messages messages,
        long droppedSpans, boolean incomplete) {

    /**
     * A clock that must be behind another, as a span that it timed began before the one that it is part of. How much at least: it can be more.
     *
     * @param source whose clock
     * @param other the source of the spans above
     * @param millis the most that a span of this trace tells
     */
    public record Skew(String source, String other, long millis) {
    }

    /** Clocks of different sources that can't both be right; sorted. */
    public List<Skew> skews() {
        Map<String, Span> byId = new HashMap<>();
        spans.forEach(span -> byId.put(span.id(), span));
        Map<List<String>, Long> most = new TreeMap<>(Comparator.comparing((List<String> pair) -> pair.get(0)).thenComparing(pair -> pair.get(1)));
        for (Span span : spans) {
            Span parent = span.parent().map(byId::get).orElse(null);
            if (parent != null && span.start().isPresent() && parent.start().isPresent() && !parent.source().equals(span.source())
                    && span.start().getAsLong() < parent.start().getAsLong()) {
                most.merge(List.of(span.source(), parent.source()), parent.start().getAsLong() - span.start().getAsLong(), Math::max);
            }
        }
        return most.entrySet().stream().map(entry -> new Skew(entry.getKey().get(0), entry.getKey().get(1), entry.getValue())).toList();
    }

    /** How a trace stands. */
    public enum Status {
        /** At least one of its spans is open. */
        OPEN,
        /** All its spans are closed, and at least one failed. */
        FAILED,
        /** All its spans are closed. */
        OK
    }

    /**
     * How many messages named a trace, by type.
     *
     * @param events events of all levels
     * @param errors those of level error and fatal
     * @param metrics metrics
     * @param spans messages that opened or closed a span
     * @param progress progress of jobs
     */
    public record Messages(long events, long errors, long metrics, long spans, long progress) {

        /** All of them; the errors are among the events. */
        public long total() {
            return events + metrics + spans + progress;
        }
    }

    /** Copies the lists. */
    public Trace {
        spans = List.copyOf(spans);
        sources = List.copyOf(sources);
    }
}
