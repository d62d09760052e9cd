package io.monitoringhub.correlation;

import io.monitoringhub.spi.Level;
import java.util.List;
import java.util.Optional;

/**
 * The traces and jobs that are known now, within bounds. Whoever was touched longest ago makes room; looking does not touch.
 *
 * <p>Thread-safe: one lock, held for the time of one message or one snapshot.
 */
final class CorrelationTable {

    private static final int SHARE_OF_ONE_TRACE = 8;

    /** @param traces what the table holds, and what it had to give up so far */
    record Figures(int traces, int spans, int jobs, long bytes, long evictedTraces, long evictedJobs, long droppedSpans) {
    }

    private final CorrelatorSettings settings;
    private final Object lock = new Object();
    private final RecencyMap<TraceState> traces = new RecencyMap<>();
    private final RecencyMap<JobState> jobs = new RecencyMap<>();
    private long touches;
    private long receivedAt;
    private long gaps;
    private int spans;
    private long bytes;
    private long evictedTraces;
    private long evictedJobs;
    private long droppedSpans;

    CorrelationTable(CorrelatorSettings settings) {
        this.settings = settings;
    }

    void event(String traceId, String source, long time, Level level) {
        synchronized (lock) {
            TraceState trace = touchedTrace(traceId);
            long before = trace.bytes();
            trace.event(source, time, level);
            grown(trace.bytes() - before);
        }
    }

    void metric(String traceId, String source, long time) {
        synchronized (lock) {
            TraceState trace = touchedTrace(traceId);
            long before = trace.bytes();
            trace.metric(source, time);
            grown(trace.bytes() - before);
        }
    }

    void span(MessageFields fields, String source, long time) {
        synchronized (lock) {
            TraceState trace = touchedTrace(fields.traceId());
            long before = trace.bytes();
            int spansBefore = trace.spanCount();
            if (!trace.span(fields, source, time, settings.maxSpansPerTrace(), settings.maxBytes() / SHARE_OF_ONE_TRACE)) {
                droppedSpans++;
            }
            spans += trace.spanCount() - spansBefore;
            grown(trace.bytes() - before);
        }
    }

    void progress(MessageFields fields, String source, long time) {
        synchronized (lock) {
            long growth = 0;
            if (!fields.traceId().isEmpty()) {
                TraceState trace = touchedTrace(fields.traceId());
                long before = trace.bytes();
                trace.progress(source, time);
                growth = trace.bytes() - before;
            }
            JobState job = touchedJob(fields.jobId());
            long before = job.bytes();
            job.report(fields, source, time, receivedAt);
            grown(growth + job.bytes() - before);
        }
    }

    /** When the hub took in what comes next. A clock that was set back counts as standing still. */
    void receivedAt(long unixMillis) {
        synchronized (lock) {
            receivedAt = Math.max(receivedAt, unixMillis);
        }
    }

    /** Forgets what no message has touched since. */
    void forgetUntouchedSince(long unixMillis) {
        synchronized (lock) {
            while (traces.size() > 0 && traces.peekOldest().touchedAt() < unixMillis) {
                evictTrace();
            }
            while (jobs.size() > 0 && jobs.peekOldest().touchedAt() < unixMillis) {
                evictJob();
            }
        }
    }

    /** Entries were skipped or missing: what is known of the traces until now may have holes. */
    void gap() {
        synchronized (lock) {
            gaps++;
        }
    }

    Optional<Trace> trace(String id) {
        synchronized (lock) {
            return Optional.ofNullable(traces.peek(id)).map(trace -> trace.snapshot(gaps));
        }
    }

    List<TraceSummary> traces(int limit) {
        synchronized (lock) {
            return traces.youngest(limit).stream().map(TraceState::summary).toList();
        }
    }

    Optional<Job> job(String id) {
        synchronized (lock) {
            return Optional.ofNullable(jobs.peek(id)).map(JobState::snapshot);
        }
    }

    List<Job> jobs(int limit) {
        synchronized (lock) {
            return jobs.youngest(limit).stream().map(JobState::snapshot).toList();
        }
    }

    List<Job> jobsOf(String traceId) {
        synchronized (lock) {
            return jobs.youngest(Integer.MAX_VALUE).stream().filter(job -> job.belongsTo(traceId)).map(JobState::snapshot).toList();
        }
    }

    Figures figures() {
        synchronized (lock) {
            return new Figures(traces.size(), spans, jobs.size(), bytes, evictedTraces, evictedJobs, droppedSpans);
        }
    }

    private TraceState touchedTrace(String id) {
        TraceState trace = traces.touch(id, ++touches);
        if (trace == null) {
            trace = new TraceState(id, gaps);
            traces.add(id, trace, touches);
            bytes += trace.bytes();
            if (traces.size() > settings.maxTraces()) {
                evictTrace();
            }
        }
        trace.touched(receivedAt);
        return trace;
    }

    private JobState touchedJob(String id) {
        JobState job = jobs.touch(id, ++touches);
        if (job == null) {
            job = new JobState(id);
            jobs.add(id, job, touches);
            bytes += job.bytes();
            if (jobs.size() > settings.maxJobs()) {
                evictJob();
            }
        }
        job.touched(receivedAt);
        return job;
    }

    private void grown(long growth) {
        bytes += growth;
        while (bytes > settings.maxBytes()) {
            if (traces.oldestTouch() < jobs.oldestTouch()) {
                evictTrace();
            } else {
                evictJob();
            }
        }
    }

    private void evictTrace() {
        TraceState trace = traces.removeOldest();
        bytes -= trace.bytes();
        spans -= trace.spanCount();
        evictedTraces++;
    }

    private void evictJob() {
        bytes -= jobs.removeOldest().bytes();
        evictedJobs++;
    }
}
