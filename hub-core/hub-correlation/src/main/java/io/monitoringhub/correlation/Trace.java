package io.monitoringhub.correlation;

import java.util.List;

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
