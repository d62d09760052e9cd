package io.monitoringhub.runtime.commands;

import io.monitoringhub.correlation.Trace;
import io.monitoringhub.correlation.TraceSummary;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.correlation.text.JobTable;
import io.monitoringhub.correlation.text.TraceTree;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.ingest.IngestStatistics;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What an operator asks and does from the shell. Prints to standard output, which Gogo has redirected to the session. */
@Component(service = HubCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=status",
    "osgi.command.function=lanes", "osgi.command.function=trace", "osgi.command.function=traces",
    "osgi.command.function=jobs", "osgi.command.function=pause", "osgi.command.function=resume", "osgi.command.function=retry",
    "osgi.command.function=forget"})
public final class HubCommands {

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);
    private static final int LISTED = 20;

    private final HubEngine engine;

    @Activate
    public HubCommands(@Reference HubComponent hub) {
        this.engine = hub.engine();
    }

    /** How the hub is, on one screen. */
    @Descriptor("how the hub is")
    public void status() {
        HubStatus status = engine.status();
        System.out.printf("%s, up %s, process %d%n", status.name(), Figures.duration(Duration.between(status.startedAt(), status.at())),
                ProcessHandle.current().pid());
        System.out.printf("configuration %s%s%n", status.folders().configuration(),
                status.configurationProblem().map(problem -> ": NOT USED as it is now\n  " + problem).orElse(""));
        long dropped = status.log().droppedEntries();
        System.out.printf("log           entries %s to %s, %s in %d segments%s: %s%n", Figures.count(status.logStart()),
                Figures.count(status.logEnd()), Figures.bytes(status.log().bytes()), status.log().segments(),
                dropped == 0 ? "" : ", " + Figures.count(dropped) + " DROPPED undelivered", status.log().condition());
        IngestStatistics ingest = status.ingest();
        System.out.printf("ingest        %s messages, %s, %s refused%s, %s known already, %d connections, %s on the way to the log%s%n",
                Figures.count(ingest.messages()), Figures.bytes(ingest.bytes()), Figures.count(ingest.refusedInAll()),
                ingest.refused().isEmpty() ? "" : " " + ingest.refused(), Figures.count(ingest.duplicates()), ingest.sessions(),
                Figures.bytes(ingest.pendingBytes()), ingest.lost() == 0 ? "" : ", " + Figures.count(ingest.lost()) + " LOST");
        if (!ingest.tokens().isEmpty()) {
            System.out.printf("tokens        lines by token %s, told to wait %s times%n", new TreeMap<>(ingest.tokens()),
                    Figures.count(ingest.overRate()));
        }
        engine.merger().map(SpanMerger::status).ifPresent(spans -> System.out.printf("spans         %s merged, %s halves wait, %s given up, %s behind: %s%n",
                Figures.count(spans.merged()), Figures.count(spans.waiting()), Figures.count(spans.givenUp()), Figures.count(spans.lagEntries()),
                spans.condition()));
        for (TransportStatus transport : status.transports()) {
            System.out.printf("transport     %-28s %-9s %s%n", transport.id(), transport.state(),
                    (transport.address() + " " + transport.reason()).strip());
        }
        for (LaneStatus lane : status.lanes()) {
            System.out.printf("lane          %-28s %-9s %s behind%s%s%n", lane.name(), lane.state(), Figures.count(lane.lagEntries()),
                    lane.lagEntries() == 0 ? "" : ", " + Figures.bytes(lane.lagBytes()) + ", " + Figures.seconds(lane.lag()),
                    lane.reason().isEmpty() ? "" : ": " + lane.reason());
        }
    }

    /** One line a lane. */
    @Descriptor("how each lane is, and how far behind")
    public void lanes() {
        System.out.printf("%-20s %-9s %-11s %-11s %-11s %-10s %-9s %-11s %-9s %s%n", "LANE", "STATE", "COMMITTED", "POSITION", "BEHIND",
                "BYTES", "LAG", "WRITTEN", "BREAKER", "REASON");
        for (LaneStatus lane : engine.status().lanes()) {
            System.out.printf("%-20s %-9s %-11d %-11d %-11d %-10s %-9s %-11d %-9s %s%n", lane.name(), lane.state(), lane.committed(),
                    lane.position(), lane.lagEntries(), Figures.bytes(lane.lagBytes()), Figures.seconds(lane.lag()),
                    lane.counters().writtenEntries(), lane.breaker(),
                    lane.reason().isEmpty() ? lane.lastError().map(error -> "last error: " + error.message()).orElse("") : lane.reason());
        }
        for (Cursor orphan : engine.orphanedCursors()) {
            System.out.printf("%-20s %-9s %-11d %s%n", orphan.name(), "ORPHANED", orphan.position(),
                    "is configured no more but keeps its entries in the log; hub:forget " + orphan.name() + " lets go of them");
        }
    }

    /** Forgets the position of a lane that was taken out of the configuration. */
    @Descriptor("forgets the position of a lane that is configured no more, so that the log can let go of its entries")
    public CommandStatus forget(@Descriptor("name of the lane") String lane) throws IOException {
        boolean known = engine.forgetCursor(lane);
        System.out.println(known ? "lane " + lane + " is forgotten" : "'" + lane + "' is no lane without a configuration. hub:lanes lists them");
        return known ? OK : FAILED;
    }

    /** The tree of a trace or of a job's trace. */
    @Descriptor("prints the tree of a trace, given its id or a job's")
    public CommandStatus trace(@Descriptor("id of a trace or of a job") String id) throws InterruptedException {
        Optional<Trace> trace = engine.correlator().find(id);
        if (trace.isEmpty()) {
            System.out.println("no trace or job '" + id + "' is known. hub:traces lists the latest");
            return FAILED;
        }
        System.out.print(TraceTree.unicode(TraceTree.DEFAULT_WIDTH).render(trace.get(), engine.correlator().jobsOf(trace.get().id())));
        return OK;
    }

    /** The latest traces. */
    @Descriptor("the latest traces")
    public void traces() {
        System.out.printf("%-38s %-6s %-6s %-10s %-12s %s%n", "TRACE", "SPANS", "OPEN", "STATUS", "DURATION", "SOURCES");
        for (TraceSummary trace : engine.correlator().traces(LISTED)) {
            System.out.printf("%-38s %-6d %-6d %-10s %-12s %s%n", trace.id(), trace.spans(), trace.openSpans(), trace.status(),
                    Figures.duration(Duration.ofMillis(trace.lastTime() - trace.firstTime())), String.join(", ", trace.sources()));
        }
    }

    /** The latest jobs. */
    @Descriptor("the latest jobs and their progress")
    public void jobs() {
        System.out.print(new JobTable(JobTable.DEFAULT_WIDTH, engine.clock().instant(), engine.configuration().correlation().stuckAfter())
                .render(engine.correlator().jobs(LISTED)));
    }

    /** Stops a lane until it is resumed. */
    @Descriptor("stops a lane; its entries wait in the log")
    public CommandStatus pause(@Descriptor("name of the lane") String lane) {
        return with(lane, Lane::pause);
    }

    /** Goes on. */
    @Descriptor("lets a paused lane go on")
    public CommandStatus resume(@Descriptor("name of the lane") String lane) {
        return with(lane, Lane::resume);
    }

    /** Tries a failed lane again at once. */
    @Descriptor("tries a lane at once that has failed or waits to try again")
    public CommandStatus retry(@Descriptor("name of the lane") String lane) {
        return with(lane, Lane::retry);
    }

    private CommandStatus with(String name, Consumer<Lane> action) {
        Optional<Lane> lane = engine.lane(name);
        if (lane.isEmpty()) {
            System.out.println("there is no lane '" + name + "'. hub:lanes lists them");
            return FAILED;
        }
        action.accept(lane.get());
        LaneStatus status = lane.get().status();
        System.out.println("lane " + name + ": " + status.state() + (status.reason().isEmpty() ? "" : ", " + status.reason()));
        return OK;
    }
}
