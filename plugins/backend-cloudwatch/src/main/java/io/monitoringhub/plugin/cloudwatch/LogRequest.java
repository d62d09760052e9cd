package io.monitoringhub.plugin.cloudwatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Events for one log stream that CloudWatch takes in one request.
 *
 * <p>Immutable.
 *
 * @param events in the order of their times, those of the same time in the order of their offsets
 * @param isRestamped whether CloudWatch has already refused the times that they had before
 */
record LogRequest(Stream stream, List<LogEvent> events, boolean isRestamped) {

    static final int MOST_EVENTS = 10_000;
    static final int MOST_BYTES = 1_048_576;
    private static final long LONGEST_SPAN = Duration.ofHours(24).toMillis();

    LogRequest {
        events = List.copyOf(events);
    }

    /** Where events go. Immutable. */
    record Stream(String group, String name) { }

    /** Puts events into order and cuts them where a request would pass one of CloudWatch's limits: number, size, or a span of 24 hours. */
    static List<LogRequest> cut(Stream stream, List<LogEvent> events, boolean isRestamped) {
        List<LogEvent> sorted = new ArrayList<>(events);
        sorted.sort(Comparator.comparingLong(LogEvent::time));
        List<LogRequest> requests = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < sorted.size(); i++) {
            LogEvent event = sorted.get(i);
            boolean isFull = i - from == MOST_EVENTS || bytes + event.size() > MOST_BYTES || event.time() - sorted.get(from).time() >= LONGEST_SPAN;
            if (isFull && i > from) {
                requests.add(new LogRequest(stream, sorted.subList(from, i), isRestamped));
                from = i;
                bytes = 0;
            }
            bytes += event.size();
        }
        if (from < sorted.size()) {
            requests.add(new LogRequest(stream, sorted.subList(from, sorted.size()), isRestamped));
        }
        return requests;
    }
}
