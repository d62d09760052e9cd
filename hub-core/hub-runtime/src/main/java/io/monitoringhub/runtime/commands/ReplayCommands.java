package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.Replay;
import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.config.Moment;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:replay}: delivers a stretch of the log once more. Says what it would do, and does it with {@code --yes}.
 *
 * <p>Immutable.
 */
@Component(service = ReplayCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=replay"})
public final class ReplayCommands {

    private final CommandRunner runner;
    private final HubEngine engine;

    @Activate
    public ReplayCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
    }

    /** Says what it would do, or does it. */
    public CommandStatus replay(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "replay", words, arguments -> {
            String name = arguments.words().get(0);
            String start = arguments.value("--from").orElseThrow(() -> arguments.wrong("--from is missing: OFFSET, TIME or earliest"));
            Lane lane = engine.lane(name).orElseThrow(() -> new CommandFailure("there is no lane '" + name + "'. hub:lanes lists them"));
            try {
                long from = offset(start);
                long to = arguments.value("--to").isPresent() ? offset(arguments.value("--to").get()) : Long.MAX_VALUE;
                if (to <= from) {
                    throw new CommandFailure("there is nothing from " + from + " to " + to + ": --to must lie behind --from");
                }
                return replay(lane, from, to, arguments.has("--yes"));
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(wrong.getMessage() + "\nOFFSET as in hub:lanes; TIME: when the hub took the entries in, "
                        + Moment.EXPECTED);
            }
        });
    }

    private Answer replay(Lane lane, long from, long to, boolean isSure) throws CommandFailure, IOException {
        Replay plan = lane.plan(from, to);
        if (plan.entries() == 0) {
            throw new CommandFailure("there is nothing to replay: the log holds entries from " + engine.log().startOffset() + " on, and lane "
                    + lane.name() + " delivers those from " + plan.back() + " on anyway");
        }
        if (!isSure) {
            return new Answer(ExitCode.FAILED, document(lane, plan, false), screen -> screen.line(String.format(Locale.ROOT, 
                    "would deliver entries %d to %d (%d, as far as the routes select them) to lane %s once more, then go on from %d.%n"
                    + "A destination that recognises entries, or keeps a position of its own, will take none of them twice; any other,%n"
                    + "such as files, will hold them twice. Nothing was done: add --yes to do it.", plan.from(), plan.to() - 1, plan.entries(),
                    lane.name(), plan.back()), 0));
        }
        Replay replay = lane.replay(from, to);
        return Answer.ok(document(lane, replay, true), String.format(Locale.ROOT, "lane %s replays entries %d to %d, then goes on from %d; hub:lanes shows"
                + " how far it is", lane.name(), replay.from(), replay.to() - 1, replay.back()));
    }

    private static Map<String, Object> document(Lane lane, Replay replay, boolean isBegun) {
        return Json.map("lane", lane.name(), "from", replay.from(), "to", replay.to(), "entries", replay.entries(), "then_from", replay.back(),
                "begun", isBegun);
    }

    private long offset(String word) throws IOException {
        Log log = engine.log();
        if (word.equals("earliest")) {
            return log.startOffset();
        }
        if (word.matches("\\d{1,18}")) {
            return Long.parseLong(word);
        }
        return log.offsetAt(Moment.of(word).at(engine.clock()).toEpochMilli()).orElse(log.durableOffset());
    }
}
