package io.monitoringhub.runtime.surface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.monitoringhub.correlation.Correlator;
import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Trace;
import io.monitoringhub.correlation.TraceSummary;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /v1/traces}, {@code /v1/traces/ID}, {@code /v1/jobs}, {@code /v1/jobs/ID}: what the hub has put together. Where the hub wants tokens
 * the request needs one with {@code read: true}. Thread-safe.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.name=hub-correlation",
    "osgi.http.whiteboard.servlet.pattern=" + CorrelationPage.TRACES, "osgi.http.whiteboard.servlet.pattern=" + CorrelationPage.TRACES + "/*",
    "osgi.http.whiteboard.servlet.pattern=" + CorrelationPage.JOBS, "osgi.http.whiteboard.servlet.pattern=" + CorrelationPage.JOBS + "/*"})
public final class CorrelationPage extends Page {

    static final String TRACES = "/v1/traces";
    static final String JOBS = "/v1/jobs";

    private static final long serialVersionUID = 1L;
    private static final JsonFactory JSON = new JsonFactory();
    private static final int STANDARD_LIMIT = 20;
    private static final int HIGHEST_LIMIT = 1_000;

    private final transient HubEngine engine;

    @Activate
    public CorrelationPage(@Reference HubComponent hub) {
        this.engine = hub.engine();
    }

    @Override
    Content content(HttpServletRequest request) throws IOException {
        Reader reader = Reader.of(request);
        if (!reader.isAllowed(engine)) {
            return problem(reader.refusal(), Reader.REFUSED);
        }
        String id = request.getPathInfo() == null || request.getPathInfo().length() < 2 ? "" : request.getPathInfo().substring(1);
        int limit;
        try {
            limit = limit(request.getParameter("limit"));
        } catch (NumberFormatException e) {
            return problem(HttpServletResponse.SC_BAD_REQUEST, "limit: expected a number from 1 to " + HIGHEST_LIMIT);
        }
        boolean isTrace = request.getServletPath().equals(TRACES);
        if (id.isEmpty()) {
            return isTrace ? traces(limit) : jobs(limit);
        }
        return isTrace ? trace(id) : job(id);
    }

    private static int limit(String text) {
        int limit = text == null ? STANDARD_LIMIT : Integer.parseInt(text);
        if (limit < 1 || limit > HIGHEST_LIMIT) {
            throw new NumberFormatException(text);
        }
        return limit;
    }

    private Content traces(int limit) throws IOException {
        return written(HttpServletResponse.SC_OK, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("traces");
            for (TraceSummary trace : engine.correlator().traces(limit)) {
                CorrelationJson.summary(json, trace);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private Content trace(String id) throws IOException {
        Correlator correlator = engine.correlator();
        Optional<Trace> trace = found(() -> correlator.find(id));
        return trace.isEmpty() ? problem(HttpServletResponse.SC_NOT_FOUND, "no trace or job '" + id + "' is known")
                : written(HttpServletResponse.SC_OK, json -> CorrelationJson.trace(json, trace.get(), correlator.jobsOf(trace.get().id()), standing()));
    }

    /** What is looked for after everything durable has been read. */
    private interface Search<T> {
        Optional<T> find() throws InterruptedException;
    }

    private static <T> Optional<T> found(Search<T> search) throws IOException {
        try {
            return search.find();
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server ends");
        }
    }

    private Content jobs(int limit) throws IOException {
        return written(HttpServletResponse.SC_OK, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("jobs");
            for (Job job : engine.correlator().jobs(limit)) {
                CorrelationJson.job(json, job, standing());
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private Content job(String id) throws IOException {
        Optional<Job> job = found(() -> engine.correlator().findJob(id));
        return job.isEmpty() ? problem(HttpServletResponse.SC_NOT_FOUND, "no job '" + id + "' is known")
                : written(HttpServletResponse.SC_OK, json -> CorrelationJson.job(json, job.get(), standing()));
    }

    private CorrelationJson.Standing standing() {
        return new CorrelationJson.Standing(engine.clock().instant(), engine.configuration().correlation().stuckAfter());
    }

    static Content problem(int status, String reason) throws IOException {
        return written(status, json -> {
            json.writeStartObject();
            json.writeStringField("error", reason);
            json.writeEndObject();
        });
    }

    /** Something that writes itself as JSON. */
    private interface Writing {
        void to(JsonGenerator json) throws IOException;
    }

    private static Content written(int status, Writing writing) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(body)) {
            writing.to(json);
        }
        body.write('\n');
        return new Content(status, "application/json", body);
    }
}
