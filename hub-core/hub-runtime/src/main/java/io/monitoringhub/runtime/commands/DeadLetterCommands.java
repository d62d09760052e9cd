package io.monitoringhub.runtime.commands;

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
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.apache.felix.service.command.Descriptor;
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

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);
    private static final String USAGE = """
            usage: hub:dead                          how many dead letters each lane has, and why
                   hub:dead [list] LANE              the latest 50
                   hub:dead show LANE OFFSET         one, as a whole
                   hub:dead retry LANE OFFSET|all    delivers them again; what is taken leaves the dead letters
                   hub:dead drop LANE OFFSET|all     forgets them for good""";
    private static final int LISTED = 50;
    private static final int SHORT = 100;
    private static final long PATIENCE_SECONDS = 10;

    private final HubEngine engine;

    @Activate
    public DeadLetterCommands(@Reference HubComponent hub) {
        engine = hub.engine();
    }

    /** See {@link #USAGE}. */
    @Descriptor("dead letters: hub:dead, or list LANE, show LANE OFFSET, retry LANE OFFSET|all, drop LANE OFFSET|all")
    public CommandStatus dead(@Descriptor("nothing, or list LANE, show LANE OFFSET, retry LANE OFFSET|all, drop LANE OFFSET|all") String... words)
            throws IOException, InterruptedException {
        if (words.length == 0) {
            return summary();
        }
        boolean isOffset = words.length == 3 && words[2].matches("\\d{1,18}");
        boolean isAll = words.length == 3 && words[2].equals("all");
        LongPredicate which = isOffset ? offset -> offset == Long.parseLong(words[2]) : offset -> true;
        if (words.length == 1) {
            return list(words[0]);
        }
        if (words.length == 2 && words[0].equals("list")) {
            return list(laneWith(words[1]));
        } else if (isOffset && words[0].equals("show")) {
            return show(laneWith(words[1]), which);
        } else if ((isOffset || isAll) && words[0].equals("retry")) {
            return retry(words[1], which);
        } else if ((isOffset || isAll) && words[0].equals("drop")) {
            return drop(laneWith(words[1]), which, isAll);
        }
        System.out.println(USAGE);
        return FAILED;
    }

    private CommandStatus summary() throws IOException {
        DeadLetterFiles letters = engine.deadLetters();
        System.out.printf("%-20s %-9s %-10s %-21s %-21s %s%n", "LANE", "LETTERS", "SIZE", "OLDEST", "NEWEST", "REASONS");
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
            System.out.printf("%-20s %-9d %-10s %-21s %-21s %s%s%s%n", lane, letters.count(lane), Figures.bytes(letters.bytes(lane)),
                    read == 0 ? "-" : time(ends[0]), read == 0 ? "-" : time(ends[1]), reasons,
                    unreadable > 0 ? ", " + unreadable + " lines that are no letters" : "",
                    letters.dropped(lane) > 0 ? ", " + letters.dropped(lane) + " DROPPED since the start, for want of room" : "");
        }
        return OK;
    }

    private CommandStatus list(String lane) throws IOException {
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
            return none(lane);
        }
        System.out.printf("%-12s %-21s %-20s %-16s %s%n", "OFFSET", "TIME", "SOURCE", "REASON", "DETAIL");
        latest.forEach(letter -> System.out.printf("%-12d %-21s %-20s %-16s %s%n", letter.offset(), time(letter.time()), letter.entry().source(),
                letter.reason(), shortened(letter.detail())));
        if (count[0] > LISTED) {
            System.out.printf("%d older ones: %s%n", count[0] - LISTED, engine.deadLetters().files(lane));
        }
        return OK;
    }

    private CommandStatus show(String lane, LongPredicate which) throws IOException {
        boolean[] found = {false};
        each(lane, letter -> {
            if (which.test(letter.offset())) {
                found[0] = true;
                DeadLetter.Entry entry = letter.entry();
                System.out.printf("lane     %s%nlog      %s%noffset   %d%nrefused  %s%nreason   %s%ndetail   %s%nsource   %s%ntype     %s%s%n"
                        + "sent     %s%nreceived %s%nmessage  %s%n", letter.lane(), letter.id().logId(), letter.offset(), letter.time(),
                        letter.reason(), letter.detail(), entry.source(), entry.type().word(),
                        entry.level().map(level -> ", " + level.word()).orElse(""), Instant.ofEpochMilli(entry.timestamp()),
                        Instant.ofEpochMilli(entry.receivedAt()), new String(entry.message(), StandardCharsets.UTF_8));
            }
        });
        return found[0] ? OK : none(lane);
    }

    private CommandStatus retry(String name, LongPredicate which) throws IOException, InterruptedException {
        Optional<Lane> lane = engine.lane(name);
        if (lane.isEmpty()) {
            System.out.println("there is no lane '" + name + "' that could deliver. hub:lanes lists them");
            return FAILED;
        }
        String own = lane.get().name();
        if (count(own, which) == 0) {
            return none(own);
        }
        CompletableFuture<Resent> outcome = lane.get().resend(which);
        try {
            Resent resent = outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            System.out.printf("%d delivered, %d refused again%s%n", resent.delivered(), resent.refused(), resent.refused() > 0 ? " and kept" : "");
            return resent.refused() == 0 ? OK : FAILED;
        } catch (ExecutionException failed) {
            System.out.println("the lane failed; what was not delivered is still a dead letter: " + failed.getCause().getMessage());
        } catch (TimeoutException notYet) {
            LaneStatus status = lane.get().status();
            System.out.println("lane " + own + " has not delivered all of them yet (" + status.state() + (status.reason().isEmpty() ? "" : ", "
                    + status.reason()) + "). It does as soon as it can, unless the hub is stopped before; hub:dead shows what is left");
        }
        return FAILED;
    }

    private CommandStatus drop(String lane, LongPredicate which, boolean isAll) throws IOException {
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
            return none(lane);
        }
        System.out.println(dropped + " dropped");
        return OK;
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

    private static CommandStatus none(String lane) {
        System.out.println("lane '" + lane + "' has no such dead letter. hub:dead lists the lanes, hub:dead list LANE their letters");
        return FAILED;
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String shortened(String detail) {
        String line = detail.replaceAll("\\s+", " ");
        return line.length() <= SHORT ? line : line.substring(0, SHORT - 3) + "...";
    }
}
