package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Json;
import io.monitoringhub.correlation.merge.MergerStatus;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.ingest.IngestStatistics;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** How the hub and its lanes are, and what is done to lanes. Immutable. */
@Component(service = HubCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=status",
    "osgi.command.function=lanes", "osgi.command.function=pause", "osgi.command.function=resume", "osgi.command.function=retry",
    "osgi.command.function=forget"})
public final class HubCommands {

    private static final int INDENT = 14;

    private final CommandRunner runner;
    private final HubEngine engine;

    @Activate
    public HubCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
    }

    /** How the hub is, on one screen. */
    public CommandStatus status(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "status", words, arguments -> {
            HubStatus status = engine.status();
            Optional<MergerStatus> spans = engine.merger().map(SpanMerger::status);
            Map<String, Object> document = HubJson.status(status);
            spans.ifPresent(merged -> document.put("spans", Json.map("merged", merged.merged(), "waiting", merged.waiting(),
                    "given_up", merged.givenUp(), "behind_entries", merged.lagEntries(), "condition", merged.condition())));
            return Answer.ok(document, screen -> print(screen, status, spans));
        });
    }

    private static void print(Screen screen, HubStatus status, Optional<MergerStatus> spans) {
        screen.line(status.name() + ", up " + Figures.duration(Duration.between(status.startedAt(), status.at())) + ", process "
                + ProcessHandle.current().pid());
        screen.line("configuration " + status.folders().configuration()
                + status.configurationProblem().map(problem -> ": NOT USED as it is now\n  " + problem).orElse(""));
        long dropped = status.log().droppedEntries();
        line(screen, "log           entries %s to %s, %s in %d segments%s: %s", Figures.count(status.logStart()),
                Figures.count(status.logEnd()), Figures.bytes(status.log().bytes()), status.log().segments(),
                dropped == 0 ? "" : ", " + Figures.count(dropped) + " DROPPED undelivered", status.log().condition());
        IngestStatistics ingest = status.ingest();
        line(screen, "ingest        %s messages, %s, %s refused%s, %s known already, %d connections, %s on the way to the log%s",
                Figures.count(ingest.messages()), Figures.bytes(ingest.bytes()), Figures.count(ingest.refusedInAll()),
                ingest.refused().isEmpty() ? "" : " " + ingest.refused(), Figures.count(ingest.duplicates()), ingest.sessions(),
                Figures.bytes(ingest.pendingBytes()), ingest.lost() == 0 ? "" : ", " + Figures.count(ingest.lost()) + " LOST");
        if (!ingest.tokens().isEmpty()) {
            line(screen, "tokens        lines by token %s, told to wait %s times", new TreeMap<>(ingest.tokens()),
                    Figures.count(ingest.overRate()));
        }
        spans.ifPresent(merged -> line(screen, "spans         %s merged, %s halves wait, %s given up, %s behind: %s", Figures.count(merged.merged()),
                Figures.count(merged.waiting()), Figures.count(merged.givenUp()), Figures.count(merged.lagEntries()), merged.condition()));
        for (TransportStatus transport : status.transports()) {
            line(screen, "transport     %-28s %-9s %s", transport.id(), transport.state(), (transport.address() + " " + transport.reason()).strip());
        }
        for (LaneStatus lane : status.lanes()) {
            line(screen, "lane          %-28s %-9s %s behind%s%s", lane.name(), lane.state(), Figures.count(lane.lagEntries()),
                    lane.lagEntries() == 0 ? "" : ", " + Figures.bytes(lane.lagBytes()) + ", " + Figures.seconds(lane.lag()),
                    lane.reason().isEmpty() ? "" : ": " + lane.reason());
        }
    }

    private static void line(Screen screen, String format, Object... values) {
        screen.line(String.format(Locale.ROOT, format, values), INDENT);
    }

    /** One line a lane. */
    public CommandStatus lanes(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "lanes", words, arguments -> {
            List<LaneStatus> lanes = engine.status().lanes();
            List<Cursor> orphans = engine.orphanedCursors();
            return Answer.ok(Json.map("lanes", lanes.stream().map(HubJson::lane).toList(),
                    "orphans", orphans.stream().map(orphan -> Json.map("lane", orphan.name(), "position", orphan.position())).toList()),
                    screen -> screen.table(table(lanes, orphans)));
        });
    }

    static TextTable table(List<LaneStatus> lanes, List<Cursor> orphans) {
        TextTable table = new TextTable().column("LANE").column("STATE").column("COMMITTED").column("POSITION", 4).column("BEHIND")
                .column("BYTES", 1).column("LAG").column("WRITTEN", 3).column("BREAKER", 2).column("REASON");
        for (LaneStatus lane : lanes) {
            table.row(lane.name(), lane.state(), lane.committed(), lane.position(), lane.lagEntries(),
                    Figures.bytes(lane.lagBytes()), Figures.seconds(lane.lag()),
                    lane.counters().writtenEntries(), lane.breaker(),
                    lane.reason().isEmpty() ? lane.lastError().map(error -> "last error: " + error.message()).orElse("") : lane.reason());
        }
        for (Cursor orphan : orphans) {
            table.row(orphan.name(), "ORPHANED", orphan.position(), "-", "-", "-", "-", "-", "-",
                    "is configured no more but keeps its entries in the log; hub:forget " + orphan.name() + " lets go of them");
        }
        return table;
    }

    /** Forgets the position of a lane that was taken out of the configuration. */
    public CommandStatus forget(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "forget", words, arguments -> {
            String lane = arguments.words().get(0);
            if (!engine.forgetCursor(lane)) {
                throw new CommandFailure("'" + lane + "' is no lane without a configuration. hub:lanes lists them");
            }
            return Answer.ok(Json.map("lane", lane, "forgotten", true), "lane " + lane + " is forgotten");
        });
    }

    /** Stops a lane until it is resumed. */
    public CommandStatus pause(CommandSession session, String... words) throws InterruptedException {
        return with(session, "pause", words, Lane::pause);
    }

    /** Goes on. */
    public CommandStatus resume(CommandSession session, String... words) throws InterruptedException {
        return with(session, "resume", words, Lane::resume);
    }

    /** Tries a failed lane again at once. */
    public CommandStatus retry(CommandSession session, String... words) throws InterruptedException {
        return with(session, "retry", words, Lane::retry);
    }

    private CommandStatus with(CommandSession session, String command, String[] words, Consumer<Lane> action) throws InterruptedException {
        return runner.run(session, command, words, arguments -> {
            String name = arguments.words().get(0);
            Lane lane = engine.lane(name).orElseThrow(() -> new CommandFailure("there is no lane '" + name + "'. hub:lanes lists them"));
            action.accept(lane);
            LaneStatus status = lane.status();
            return Answer.ok(HubJson.lane(status),
                    "lane " + name + ": " + status.state() + (status.reason().isEmpty() ? "" : ", " + status.reason()));
        });
    }
}
