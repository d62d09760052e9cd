package io.monitoringhub.correlation;

import java.util.List;

/**
 * A trace without its spans, for lists. Immutable.
 *
 * @param id the trace's id
 * @param spans how many spans are known
 * @param openSpans how many of them are open
 * @param sources who took part, sorted
 * @param firstTime the earliest time in any of its messages, in Unix milliseconds; 0 when none had a usable one
 * @param lastTime the latest
 * @param status how it stands
 * @param messages how many messages named it
 */
public record TraceSummary(String id, int spans, int openSpans, List<String> sources, long firstTime, long lastTime, Trace.Status status,
        Trace.Messages messages) {

    /** Copies the list. */
    public TraceSummary {
        sources = List.copyOf(sources);
    }
}
