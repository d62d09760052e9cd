package io.monitoringhub.sdk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The jobs under way: a span for each and below it one for each part, joined by the job's id. Thread-safe. */
final class Jobs {

    /** One job. */
    private static final class Job {
        private final String span;
        private final String trace;
        private final int total;
        private final Map<String, String> parts = new LinkedHashMap<>();
        private int done;
        private int percent;

        Job(String span, String trace, int total) {
            this.span = span;
            this.trace = trace;
            this.total = total;
        }

        synchronized void begin(String part, String id) {
            parts.put(part, id);
        }

        /** The part's span, or null; counts it as done. */
        synchronized String end(String part) {
            String id = parts.remove(part);
            if (id != null) {
                done++;
                // 100 is said at the end of the job.
                percent = total > 0 ? (int) Math.min(99, 100L * done / total) : percent;
            }
            return id;
        }

        synchronized int percent() {
            return percent;
        }

        synchronized Map<String, String> open() {
            return new LinkedHashMap<>(parts);
        }
    }

    private final MonitoringSdk sdk;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();

    Jobs(MonitoringSdk sdk) {
        this.sdk = sdk;
    }

    String start(String id, String name, int subjobs, Map<String, ?> tags) {
        Traces.OpenSpan span = sdk.open(name == null ? "job " + id : name, "", "", with(tags, "job_id", id));
        jobs.put(id, new Job(span.id, span.trace, subjobs));
        sdk.logEvent("info", "job started", with(name == null ? Map.of() : Map.of("name", name), "job_id", id));
        sdk.logProgress(id, 0, "started");
        return span.id;
    }

    String track(String id, String part, String name) {
        Job job = jobs.computeIfAbsent(id, unknown -> new Job("", "", 0));
        Traces.OpenSpan span = sdk.open(name == null ? part : name, job.trace, job.span, Map.of("job_id", id, "subjob_id", part));
        job.begin(part, span.id);
        return span.id;
    }

    void endPart(String id, String part, String status, Map<String, ?> tags) {
        Job job = jobs.get(id);
        String span = job == null ? null : job.end(part);
        if (span == null) {
            return;
        }
        sdk.endSpan(span, status, with(with(tags, "job_id", id), "subjob_id", part));
        sdk.logProgress(id, job.percent(), status.equals("ok") ? "running" : part + ": " + status);
    }

    void end(String id, String status, Map<String, ?> summary) {
        Job job = jobs.remove(id);
        boolean ok = status.equals("ok");
        if (job != null) {
            job.open().forEach((part, span) -> sdk.endSpan(span, "abandoned", Map.of("job_id", id, "subjob_id", part)));
        }
        sdk.logProgress(id, ok ? 100 : job == null ? 0 : job.percent(), ok ? "done" : status);
        sdk.logEvent(ok ? "info" : "error", "job ended", with(with(summary, "job_id", id), "status", status));
        if (job != null && !job.span.isEmpty()) {
            sdk.endSpan(job.span, status, with(summary, "job_id", id));
        }
    }

    private static Map<String, Object> with(Map<String, ?> tags, String key, Object value) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (tags != null) {
            all.putAll(tags);
        }
        all.put(key, value);
        return all;
    }
}
