package io.monitoringhub.correlation;

import java.util.Optional;

/**
 * A job while its reports come in, in whatever order: the latest by the sender's clock counts, at the same time the one that is
 * further. Guarded by the table that holds it.
 */
final class JobState {

    private static final int BYTES = 220;

    private final String id;
    private String source = "";
    private String status = "";
    private double percent = -1;
    private long firstAt = Long.MAX_VALUE;
    private long lastAt = -1;
    private String traceId = "";
    private long traceAt = -1;

    JobState(String id) {
        this.id = id;
    }

    void report(MessageFields fields, String source, long time) {
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
                lastAt);
    }
}
