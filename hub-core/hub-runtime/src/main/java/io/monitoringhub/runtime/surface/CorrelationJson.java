package io.monitoringhub.runtime.surface;

import com.fasterxml.jackson.core.JsonGenerator;
import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Span;
import io.monitoringhub.correlation.Trace;
import io.monitoringhub.correlation.TraceSummary;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Traces and jobs as JSON; times are Unix milliseconds by the senders' clocks, what is not known is left out. Has no state. */
public final class CorrelationJson {

    private CorrelationJson() {
    }

    /**
     * What a job's state depends on.
     *
     * @param now by the hub's clock
     * @param stuckAfter for how long a job may stand still
     */
    public record Standing(Instant now, Duration stuckAfter) {
    }

    /** A trace with its jobs. */
    public static void trace(JsonGenerator json, Trace trace, List<Job> jobs, Standing standing) throws IOException {
        json.writeStartObject();
        head(json, trace.id(), trace.status(), trace.sources(), trace.firstTime(), trace.lastTime(), trace.messages());
        if (trace.incomplete() || trace.droppedSpans() > 0) {
            json.writeBooleanField("incomplete", true);
        }
        if (!trace.skews().isEmpty()) {
            json.writeArrayFieldStart("clock_skew");
            for (Trace.Skew skew : trace.skews()) {
                json.writeStartObject();
                json.writeStringField("src", skew.source());
                json.writeStringField("behind", skew.other());
                json.writeNumberField("at_least_ms", skew.millis());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("spans");
        for (Span span : trace.spans()) {
            span(json, span);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("jobs");
        for (Job job : jobs) {
            job(json, job, standing);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** A line of the list of traces. */
    public static void summary(JsonGenerator json, TraceSummary trace) throws IOException {
        json.writeStartObject();
        head(json, trace.id(), trace.status(), trace.sources(), trace.firstTime(), trace.lastTime(), trace.messages());
        json.writeNumberField("spans", trace.spans());
        json.writeNumberField("open_spans", trace.openSpans());
        json.writeEndObject();
    }

    private static void head(JsonGenerator json, String id, Trace.Status status, List<String> sources, long first, long last,
            Trace.Messages messages) throws IOException {
        json.writeStringField("tid", id);
        json.writeStringField("status", status.name().toLowerCase(Locale.ROOT));
        if (last > 0) {
            json.writeNumberField("first_ts", first);
            json.writeNumberField("last_ts", last);
        }
        json.writeArrayFieldStart("sources");
        for (String source : sources) {
            json.writeString(source);
        }
        json.writeEndArray();
        json.writeNumberField("messages", messages.total());
        json.writeNumberField("errors", messages.errors());
    }

    private static void span(JsonGenerator json, Span span) throws IOException {
        json.writeStartObject();
        json.writeStringField("sid", span.id());
        if (span.parent().isPresent()) {
            json.writeStringField("pid", span.parent().get());
        }
        json.writeStringField("src", span.source());
        json.writeStringField("name", span.name());
        number(json, "start", span.start());
        number(json, "end", span.end());
        number(json, "duration_ms", span.durationMs());
        json.writeStringField("status", span.isOpen() ? "open" : span.status());
        if (span.orphan()) {
            json.writeBooleanField("orphan", true);
        }
        if (!span.tags().isEmpty()) {
            json.writeObjectFieldStart("tags");
            for (Map.Entry<String, String> tag : span.tags().entrySet()) {
                json.writeStringField(tag.getKey(), tag.getValue());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, OptionalLong value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.getAsLong());
        }
    }

    /** A job. */
    public static void job(JsonGenerator json, Job job, Standing standing) throws IOException {
        json.writeStartObject();
        json.writeStringField("job_id", job.id());
        json.writeStringField("src", job.source());
        if (job.traceId().isPresent()) {
            json.writeStringField("tid", job.traceId().get());
        }
        json.writeNumberField("percent", job.percent());
        json.writeStringField("status", job.status());
        json.writeNumberField("first_ts", job.firstProgressAt());
        json.writeNumberField("last_ts", job.lastProgressAt());
        json.writeStringField("state", job.state(standing.now(), standing.stuckAfter()).name().toLowerCase(Locale.ROOT));
        json.writeNumberField("advanced_ts", job.advancedAt());
        json.writeEndObject();
    }
}
