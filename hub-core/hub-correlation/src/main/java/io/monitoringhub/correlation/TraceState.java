package io.monitoringhub.correlation;

import io.monitoringhub.spi.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A trace while its messages come in. Guarded by the table that holds it. */
final class TraceState {

    /** Most sources kept: the smallest. */
    static final int MAX_SOURCES = 64;

    private static final int BYTES = 500;
    private static final int BYTES_PER_SOURCE = 48;
    private static final Comparator<SpanState> BY_START = Comparator
            .comparingLong((SpanState span) -> span.start() == 0 ? Long.MAX_VALUE : span.start())
            .thenComparingLong(SpanState::end).thenComparing(SpanState::id);

    private final String id;
    private final long gapsBefore;
    private final Map<String, SpanState> spans = new HashMap<>(8);
    private final Set<String> sources = new HashSet<>(4);
    private long touchedAt;
    private long firstTime = Long.MAX_VALUE;
    private long lastTime;
    private long spanBytes;
    private long events;
    private long errors;
    private long metrics;
    private long spanMessages;
    private long progress;
    private long droppedSpans;

    /** @param gapsBefore how many gaps in the log's entries there were when the trace was first seen */
    TraceState(String id, long gapsBefore) {
        this.id = id;
        this.gapsBefore = gapsBefore;
    }

    /** A message about it came in then, by the hub's clock. */
    void touched(long unixMillis) {
        touchedAt = unixMillis;
    }

    long touchedAt() {
        return touchedAt;
    }

    void event(String source, long time, Level level) {
        takesPart(source, time);
        events++;
        if (level.compareTo(Level.ERROR) >= 0) {
            errors++;
        }
    }

    void metric(String source, long time) {
        takesPart(source, time);
        metrics++;
    }

    void progress(String source, long time) {
        takesPart(source, time);
        progress++;
    }

    /** @return whether there was room for it */
    boolean span(MessageFields fields, String source, long time, int maxSpans, long maxBytes) {
        takesPart(source, time);
        spanMessages++;
        SpanState span = spans.get(fields.spanId());
        if (span == null) {
            if (spans.size() >= maxSpans || bytes() >= maxBytes) {
                droppedSpans++;
                return false;
            }
            span = new SpanState(fields.spanId());
            spans.put(span.id(), span);
        } else {
            spanBytes -= span.bytes();
        }
        span.add(fields, source, time);
        spanBytes += span.bytes();
        happened(fields.start());
        happened(fields.end());
        return true;
    }

    private void takesPart(String source, long time) {
        happened(time);
        if (sources.add(source) && sources.size() > MAX_SOURCES) {
            sources.remove(Collections.max(sources));
        }
    }

    private void happened(long time) {
        if (time > 0) {
            firstTime = Math.min(firstTime, time);
            lastTime = Math.max(lastTime, time);
        }
    }

    long bytes() {
        return BYTES + id.length() + spanBytes + (long) BYTES_PER_SOURCE * sources.size();
    }

    int spanCount() {
        return spans.size();
    }

    Trace snapshot(long gapsNow) {
        List<SpanState> sorted = new ArrayList<>(spans.values());
        sorted.sort(BY_START);
        List<Span> copies = sorted.stream().map(span -> span.snapshot(id, spans)).toList();
        return new Trace(id, copies, sortedSources(), firstKnown(), lastTime, status(openSpans()), messages(), droppedSpans,
                gapsNow != gapsBefore);
    }

    TraceSummary summary() {
        int open = openSpans();
        return new TraceSummary(id, spans.size(), open, sortedSources(), firstKnown(), lastTime, status(open), messages());
    }

    private List<String> sortedSources() {
        return sources.stream().sorted().toList();
    }

    private int openSpans() {
        int open = 0;
        for (SpanState span : spans.values()) {
            open += span.isOpen() ? 1 : 0;
        }
        return open;
    }

    private Trace.Status status(int openSpans) {
        if (openSpans > 0) {
            return Trace.Status.OPEN;
        }
        return spans.values().stream().anyMatch(SpanState::isFailed) ? Trace.Status.FAILED : Trace.Status.OK;
    }

    private long firstKnown() {
        return firstTime == Long.MAX_VALUE ? 0 : firstTime;
    }

    private Trace.Messages messages() {
        return new Trace.Messages(events, errors, metrics, spanMessages, progress);
    }
}
