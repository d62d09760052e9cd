package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Arguments;
import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.command.UsageException;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.Resent;
import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.delivery.deadletters.DeadLetterFiles;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:dead}: what destinations would not take, and what to do with it. One command with words behind it, because Gogo's names have
 * no hyphen that people would remember.
 *
 * <p>Immutable.
 */
@Component(service = DeadLetterCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=dead"})
public final class DeadLetterCommands {

    private static final int LISTED = 50;
    private static final int SHORT = 100;
    private static final long PATIENCE_SECONDS = 10;

    private final CommandRunner runner;
    private final HubEngine engine;

    @Activate
    public DeadLetterCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        engine = hub.engine();
    }

    /** Summary, {@code list}, {@code show}, {@code retry} or {@code drop}. */
    public CommandStatus dead(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "dead", words, arguments -> dead(arguments));
    }

    private Answer dead(Arguments arguments) throws CommandFailure, UsageException, IOException, InterruptedException {
        String what = arguments.word(0).orElse("");
        String third = arguments.word(2).orElse("");
        boolean isOffset = third.matches("\\d{1,18}");
        boolean isAll = third.equals("all");
        LongPredicate which = isOffset ? offset -> offset == Long.parseLong(third) : offset -> true;
        int count = arguments.words().size();
        if (count == 0) {
            return summary();
        } else if (count == 1) {
            return list(what);
        } else if (count == 2 && what.equals("list")) {
            return list(laneWith(arguments.words().get(1)));
        } else if (isOffset && what.equals("show")) {
            return show(laneWith(arguments.words().get(1)), which);
        } else if ((isOffset || isAll) && what.equals("retry")) {
            return retry(arguments.words().get(1), which);
        } else if ((isOffset || isAll) && what.equals("drop")) {
            return drop(laneWith(arguments.words().get(1)), which, isAll);
        }
        throw arguments.wrong("expected list LANE, show LANE OFFSET, retry LANE OFFSET|all or drop LANE OFFSET|all");
    }

    private Answer summary() throws IOException {
        DeadLetterFiles letters = engine.deadLetters();
        TextTable table = new TextTable().column("LANE").column("LETTERS").column("SIZE").column("OLDEST", 2).column("NEWEST", 1).column("REASONS");
        List<Object> lanes = new ArrayList<>();
        for (String lane : letters.lanes()) {
            Map<String, Long> reasons = new TreeMap<>();
            Instant[] ends = {Instant.MAX, Instant.MIN};
            each(lane, letter -> {
                reasons.merge(letter.reason(), 1L, Long::sum);
                ends[0] = ends[0].isAfter(letter.time()) ? letter.time() : ends[0];
                ends[1] = ends[1].isBefore(letter.time()) ? letter.time() : ends[1];
            });
            long read = reasons.values().stream().mapToLong(Long::longValue).sum();
            long unreadable = letters.count(lane) - read;
            table.row(lane, letters.count(lane), Figures.bytes(letters.bytes(lane)), read == 0 ? "-" : time(ends[0]),
                    read == 0 ? "-" : time(ends[1]), reasons + (unreadable > 0 ? ", " + unreadable + " lines that are no letters" : "")
                    + (letters.dropped(lane) > 0 ? ", " + letters.dropped(lane) + " DROPPED since the start, for want of room" : ""));
            lanes.add(Json.map("lane", lane, "letters", letters.count(lane), "bytes", letters.bytes(lane), "reasons", reasons,
                    "oldest", read == 0 ? null : ends[0], "newest", read == 0 ? null : ends[1], "unreadable_lines", unreadable,
                    "dropped", letters.dropped(lane)));
        }
        return Answer.ok(Json.map("lanes", lanes), screen -> screen.table(table));
    }

    private Answer list(String lane) throws CommandFailure, IOException {
        Deque<DeadLetter> latest = new ArrayDeque<>();
        long[] count = {0};
        each(lane, letter -> {
            count[0]++;
            latest.add(letter);
            if (latest.size() > LISTED) {
                latest.remove();
            }
        });
        if (count[0] == 0) {
            throw none(lane);
        }
        TextTable table = new TextTable().column("OFFSET").column("TIME", 1).column("SOURCE", 2).column("REASON").column("DETAIL");
        latest.forEach(letter -> table.row(letter.offset(), time(letter.time()), letter.entry().source(), letter.reason(),
                shortened(letter.detail())));
        long older = count[0] - latest.size();
        String files = older > 0 ? older + " older ones: " + engine.deadLetters().files(lane) : "";
        return Answer.ok(Json.map("lane", lane, "letters", count[0], "latest", latest.stream().map(DeadLetterCommands::document).toList()),
                screen -> {
                    screen.table(table);
                    if (!files.isEmpty()) {
                        screen.line(files);
                    }
                });
    }

    private static Map<String, Object> document(DeadLetter letter) {
        DeadLetter.Entry entry = letter.entry();
        return Json.map("offset", letter.offset(), "at", letter.time(), "reason", letter.reason(), "detail", letter.detail(),
                "src", entry.source(), "type", entry.type().word(), "level", entry.level().map(level -> level.word()));
    }

    private Answer show(String lane, LongPredicate which) throws CommandFailure, IOException {
        List<Object> found = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        each(lane, letter -> {
            if (which.test(letter.offset())) {
                DeadLetter.Entry entry = letter.entry();
                String message = new String(entry.message(), StandardCharsets.UTF_8);
                text.append(String.format(Locale.ROOT,
                        "lane     %s%nlog      %s%noffset   %d%nrefused  %s%nreason   %s%ndetail   %s%nsource   %s%ntype     %s%s%n"
                        + "sent     %s%nreceived %s%nmessage  %s%n", letter.lane(), letter.id().logId(), letter.offset(), letter.time(),
                        letter.reason(), letter.detail(), entry.source(), entry.type().word(),
                        entry.level().map(level -> ", " + level.word()).orElse(""), Instant.ofEpochMilli(entry.timestamp()),
                        Instant.ofEpochMilli(entry.receivedAt()), message));
                Map<String, Object> whole = document(letter);
                whole.putAll(Json.map("log", letter.id().logId(), "sent", Instant.ofEpochMilli(entry.timestamp()),
                        "received", Instant.ofEpochMilli(entry.receivedAt()), "message", message));
                found.add(whole);
            }
        });
        if (found.isEmpty()) {
            throw none(lane);
        }
        return Answer.ok(Json.map("lane", lane, "letters", found), screen -> screen.asIs(text.toString()));
    }

    private Answer retry(String name, LongPredicate which) throws CommandFailure, IOException, InterruptedException {
        Lane lane = engine.lane(name)
                .orElseThrow(() -> new CommandFailure("there is no lane '" + name + "' that could deliver. hub:lanes lists them"));
        String own = lane.name();
        if (count(own, which) == 0) {
            throw none(own);
        }
        CompletableFuture<Resent> outcome = lane.resend(which);
        try {
            Resent resent = outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return new Answer(resent.refused() == 0 ? ExitCode.OK : ExitCode.FAILED,
                    Json.map("lane", own, "delivered", resent.delivered(), "refused", resent.refused()), screen -> screen.line(
                    String.format(Locale.ROOT,
                            "%d delivered, %d refused again%s", resent.delivered(), resent.refused(), resent.refused() > 0 ? " and kept" : "")));
        } catch (ExecutionException failed) {
            throw new CommandFailure("the lane failed; what was not delivered is still a dead letter: " + failed.getCause().getMessage());
        } catch (TimeoutException notYet) {
            LaneStatus status = lane.status();
            throw new CommandFailure("lane " + own + " has not delivered all of them yet (" + status.state() + (status.reason().isEmpty() ? ""
                    : ", " + status.reason()) + "). It does as soon as it can, unless the hub is stopped before; hub:dead shows what is left");
        }
    }

    private Answer drop(String lane, LongPredicate which, boolean isAll) throws CommandFailure, IOException {
        DeadLetterFiles letters = engine.deadLetters();
        long dropped = 0;
        if (known(lane) && isAll) {
            dropped = letters.removeAll(lane);
        } else if (known(lane)) {
            for (String part : letters.parts(lane)) {
                Set<DeadLetter.Id> ids = new HashSet<>();
                letters.read(lane, part).stream().map(DeadLetter::id).filter(id -> which.test(id.offset())).forEach(ids::add);
                dropped += letters.remove(lane, part, ids);
            }
        }
        if (dropped == 0) {
            throw none(lane);
        }
        return Answer.ok(Json.map("lane", lane, "dropped", dropped), dropped + " dropped");
    }

    private long count(String lane, LongPredicate which) throws IOException {
        long[] count = {0};
        each(lane, letter -> count[0] += which.test(letter.offset()) ? 1 : 0);
        return count[0];
    }

    /** The lane that has letters under this name, or the group that a backend of this name is in. */
    private String laneWith(String name) throws IOException {
        return known(name) ? name : engine.lane(name).map(Lane::name).orElse(name);
    }

    /** What a person types must not lead out of the folder. */
    private boolean known(String lane) throws IOException {
        return engine.deadLetters().lanes().contains(lane);
    }

    private void each(String lane, Consumer<DeadLetter> action) throws IOException {
        List<String> parts = known(lane) ? engine.deadLetters().parts(lane) : List.of();
        for (String part : parts) {
            engine.deadLetters().read(lane, part).forEach(action);
        }
    }

    private static CommandFailure none(String lane) {
        return new CommandFailure("lane '" + lane + "' has no such dead letter. hub:dead lists the lanes, hub:dead list LANE their letters");
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String shortened(String detail) {
        String line = detail.replaceAll("\\s+", " ");
        return line.length() <= SHORT ? line : line.substring(0, SHORT - 3) + "...";
    }
}
