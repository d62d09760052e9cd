package io.monitoringhub.runtime.commands;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.monitoringhub.command.Json;
import io.monitoringhub.correlation.Correlator;
import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Trace;
import io.monitoringhub.correlation.TraceSummary;
import io.monitoringhub.correlation.text.JobTable;
import io.monitoringhub.correlation.text.TraceTree;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.runtime.surface.CorrelationJson;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Traces and jobs; as JSON they are what {@code /v1/traces} and {@code /v1/jobs} answer. Immutable. */
@Component(service = CorrelationCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=trace",
    "osgi.command.function=traces", "osgi.command.function=jobs"})
public final class CorrelationCommands {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int LISTED = 20;

    private final CommandRunner runner;
    private final HubEngine engine;
    private final Correlator correlator;

    @Activate
    public CorrelationCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
        this.correlator = engine.correlator();
    }

    /** The tree of a trace or of a job's trace. */
    public CommandStatus trace(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "trace", words, arguments -> {
            String id = arguments.words().get(0);
            Trace trace = correlator.find(id)
                    .orElseThrow(() -> new CommandFailure("no trace or job '" + id + "' is known. hub:traces lists the latest"));
            List<Job> jobs = correlator.jobsOf(trace.id());
            return Answer.ok(written(json -> CorrelationJson.trace(json, trace, jobs, standing())), screen -> screen.asIs(tree(screen).render(trace, jobs)));
        });
    }

    /** The latest traces. */
    public CommandStatus traces(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "traces", words, arguments -> {
            List<TraceSummary> traces = correlator.traces(LISTED);
            TextTable table = new TextTable().column("TRACE").column("SPANS", 2).column("OPEN", 1).column("STATUS").column("DURATION")
                    .column("SOURCES");
            traces.forEach(trace -> table.row(trace.id(), trace.spans(), trace.openSpans(), trace.status(),
                    Figures.duration(Duration.ofMillis(trace.lastTime() - trace.firstTime())), String.join(", ", trace.sources())));
            return Answer.ok(list("traces", traces, CorrelationJson::summary), screen -> screen.table(table));
        });
    }

    /** The latest jobs. */
    public CommandStatus jobs(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "jobs", words, arguments -> {
            List<Job> jobs = correlator.jobs(LISTED);
            return Answer.ok(list("jobs", jobs, (json, job) -> CorrelationJson.job(json, job, standing())), screen -> screen.asIs(
                    new JobTable(Math.min(screen.width(), JobTable.DEFAULT_WIDTH), standing().now(), standing().stuckAfter()).render(jobs)));
        });
    }

    private CorrelationJson.Standing standing() {
        return new CorrelationJson.Standing(engine.clock().instant(), engine.configuration().correlation().stuckAfter());
    }

    private static TraceTree tree(Screen screen) {
        return TraceTree.unicode(Math.min(screen.width(), TraceTree.DEFAULT_WIDTH));
    }

    /** Something that writes itself as JSON. */
    private interface Writing {
        void to(JsonGenerator json) throws IOException;
    }

    /** How one of a list writes itself. */
    private interface Element<T> {
        void write(JsonGenerator json, T each) throws IOException;
    }

    private static <T> Json.Raw list(String name, List<T> all, Element<T> element) throws IOException {
        return written(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart(name);
            for (T each : all) {
                element.write(json, each);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static Json.Raw written(Writing writing) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            writing.to(json);
        }
        return new Json.Raw(text.toString());
    }
}
