package io.monitoringhub.correlation;

import java.time.Duration;
import java.util.Optional;

/**
 * A job while its reports come in, in whatever order: the latest by the sender's clock counts, at the same time the one that is
 * further. Guarded by the table that holds it.
 */
final class JobState {

    private static final int BYTES = 260;
    /** Before that its usual step is a guess. */
    private static final int MIN_RISES = 4;

    private final String id;
    private String source = "";
    private String status = "";
    private double percent = -1;
    private long firstAt = Long.MAX_VALUE;
    private long lastAt = -1;
    private String traceId = "";
    private long traceAt = -1;
    private long touchedAt;
    /** How far it was ever, since when by the hub's clock, and how it got there. */
    private double highest = -1;
    private long beganAt;
    private long advancedAt;
    private int rises;

    JobState(String id) {
        this.id = id;
    }

    /** A message about it came in then, by the hub's clock. */
    void touched(long unixMillis) {
        touchedAt = unixMillis;
    }

    long touchedAt() {
        return touchedAt;
    }

    /**
     * @param time by the sender's clock
     * @param receivedAt by the hub's
     */
    void report(MessageFields fields, String source, long time, long receivedAt) {
        if (fields.percent() > highest) {
            beganAt = rises == 0 ? receivedAt : beganAt;
            advancedAt = receivedAt;
            highest = fields.percent();
            rises++;
        }
        if (isNews(fields, source, time)) {
            this.source = source;
            status = fields.status();
            percent = fields.percent();
            lastAt = time;
        }
        firstAt = Math.min(firstAt, time);
        String trace = fields.traceId();
        if (!trace.isEmpty() && (time > traceAt || time == traceAt && trace.compareTo(traceId) < 0)) {
            traceId = trace;
            traceAt = time;
        }
    }

    private boolean isNews(MessageFields fields, String source, long time) {
        if (time != lastAt) {
            return time > lastAt;
        }
        if (fields.percent() != percent) {
            return fields.percent() > percent;
        }
        int byStatus = fields.status().compareTo(status);
        return byStatus < 0 || byStatus == 0 && source.compareTo(this.source) < 0;
    }

    boolean belongsTo(String trace) {
        return traceId.equals(trace);
    }

    long bytes() {
        return BYTES + id.length() + status.length() + traceId.length();
    }

    Job snapshot() {
        return new Job(id, source, traceId.isEmpty() ? Optional.empty() : Optional.of(traceId), Math.max(0, percent), status, firstAt,
                lastAt, advancedAt, rises < MIN_RISES ? Duration.ZERO : Duration.ofMillis((advancedAt - beganAt) / (rises - 1)));
    }
}
