package io.monitoringhub.runtime.commands;

import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.Replay;
import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.config.Moment;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
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

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);
    private static final String USAGE = "usage: hub:replay LANE --from OFFSET|TIME|earliest [--to OFFSET|TIME] [--yes]\n"
            + "OFFSET as in hub:lanes; TIME: when the hub took the entries in, " + Moment.EXPECTED;

    private final HubEngine engine;

    @Activate
    public ReplayCommands(@Reference HubComponent hub) {
        engine = hub.engine();
    }

    /** What {@code --from} and so on were given as. */
    private record Request(String lane, String from, Optional<String> to, boolean isSure) {
    }

    /** See {@link #USAGE}. */
    @Descriptor("delivers a stretch of the log to a lane once more: LANE --from OFFSET|TIME|earliest [--to OFFSET|TIME] [--yes]")
    public CommandStatus replay(@Descriptor("LANE --from OFFSET|TIME|earliest [--to OFFSET|TIME] [--yes]") String... words) throws IOException {
        Optional<Request> request = request(words);
        if (request.isEmpty()) {
            System.out.println(USAGE);
            return FAILED;
        }
        Optional<Lane> lane = engine.lane(request.get().lane());
        if (lane.isEmpty()) {
            System.out.println("there is no lane '" + request.get().lane() + "'. hub:lanes lists them");
            return FAILED;
        }
        try {
            long from = offset(request.get().from());
            long to = request.get().to().isPresent() ? offset(request.get().to().get()) : Long.MAX_VALUE;
            if (to <= from) {
                System.out.println("there is nothing from " + from + " to " + to + ": --to must lie behind --from");
                return FAILED;
            }
            return replay(lane.get(), from, to, request.get().isSure());
        } catch (IllegalArgumentException wrong) {
            System.out.println(wrong.getMessage() + "\n" + USAGE);
            return FAILED;
        }
    }

    private CommandStatus replay(Lane lane, long from, long to, boolean isSure) throws IOException {
        Replay plan = lane.plan(from, to);
        if (plan.entries() == 0) {
            System.out.println("there is nothing to replay: the log holds entries from " + engine.log().startOffset() + " on, and lane " + lane.name()
                    + " delivers those from " + plan.back() + " on anyway");
            return FAILED;
        }
        if (!isSure) {
            System.out.printf("would deliver entries %d to %d (%d, as far as the routes select them) to lane %s once more, then go on from %d.%n"
                    + "A destination that recognises entries, or keeps a position of its own, will take none of them twice; any other,%n"
                    + "such as files, will hold them twice. Nothing was done: add --yes to do it.%n", plan.from(), plan.to() - 1, plan.entries(),
                    lane.name(), plan.back());
            return FAILED;
        }
        Replay replay = lane.replay(from, to);
        System.out.printf("lane %s replays entries %d to %d, then goes on from %d; hub:lanes shows how far it is%n", lane.name(), replay.from(),
                replay.to() - 1, replay.back());
        return OK;
    }

    private static Optional<Request> request(String... words) {
        Map<String, String> options = new HashMap<>();
        boolean isSure = false;
        for (int i = 1; i < words.length; i++) {
            if (words[i].equals("--yes")) {
                isSure = true;
            } else if ((words[i].equals("--from") || words[i].equals("--to")) && i + 1 < words.length) {
                options.put(words[i], words[++i]);
            } else {
                return Optional.empty();
            }
        }
        return options.containsKey("--from")
                ? Optional.of(new Request(words[0], options.get("--from"), Optional.ofNullable(options.get("--to")), isSure)) : Optional.empty();
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
