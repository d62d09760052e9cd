package io.monitoringhub.runtime.commands;

import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.runtime.shell.Presence;
import io.monitoringhub.runtime.stream.EntryFilter;
import io.monitoringhub.runtime.stream.EntryText;
import io.monitoringhub.runtime.stream.LatestEntries;
import io.monitoringhub.runtime.stream.LogEntry;
import io.monitoringhub.runtime.stream.LogFollower;
import io.monitoringhub.runtime.stream.LogPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:tail}: entries as they become durable, one a line, until the client leaves or the hub stops. On the thread of the shell's connection,
 * which bears the name {@value #THREAD_NAME} for so long.
 *
 * <p>Thread-safe.
 */
@Component(service = TailCommands.class, property = {"osgi.command.scope=hub", "osgi.command.function=tail"})
public final class TailCommands {

    static final String THREAD_NAME = "hub-tail";

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);
    /** Fewer than the shell has connections, so that somebody can still ask the hub something. */
    private static final int MOST_AT_A_TIME = 4;
    private static final int MOST_LAST = 10_000;
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Set<String> FLAGS = Set.of("--json", "--color", "--no-follow");
    private static final Set<String> OPTIONS = Set.of("--source", "--type", "--level", "--grep", "--from", "-n", "--width");
    private static final String USAGE = "usage: hub:tail [--source GLOB]... [--type TYPE]... [--level LEVEL] [--grep EXPRESSION]\n"
            + "                [--from now|earliest|OFFSET|TIME | -n COUNT] [--json] [--no-follow]";

    private final HubEngine engine;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);

    @Activate
    public TailCommands(@Reference HubComponent hub) {
        engine = hub.engine();
    }

    /** What was asked for. */
    private record Request(Set<String> flags, Map<String, List<String>> options) {

        List<String> all(String name) {
            return options.getOrDefault(name, List.of());
        }

        Optional<String> one(String name) {
            return all(name).stream().reduce((first, last) -> last);
        }

        int number(String name, int most) {
            String word = one(name).orElse("0");
            if (!word.matches("\\d{1,6}") || Integer.parseInt(word) > most) {
                throw new IllegalArgumentException(name + ": expected a number up to " + most + ", not '" + word + "'");
            }
            return Integer.parseInt(word);
        }
    }

    /** See {@link #USAGE}. */
    @Descriptor("entries as they come, one a line, until you leave: [--source GLOB] [--type T] [--level L] [--grep X] [--from F | -n N] [--json]")
    public CommandStatus tail(CommandSession session, @Descriptor("options") String... words) throws IOException, InterruptedException {
        Request request;
        EntryFilter filter;
        EntryText text;
        int last;
        try {
            request = request(words);
            filter = EntryFilter.of(request.all("--source"), request.all("--type"), request.one("--level"), request.one("--grep"));
            text = new EntryText(request.number("--width", 1_000), request.flags().contains("--color"));
            last = request.number("-n", MOST_LAST);
            if (!places.tryAcquire()) {
                System.out.println("hub:tail runs " + MOST_AT_A_TIME + " times already: end one of them, or use GET /v1/stream");
                return FAILED;
            }
        } catch (IllegalArgumentException wrong) {
            System.out.println(wrong.getMessage() + "\n" + USAGE);
            return FAILED;
        }
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        thread.setName(THREAD_NAME);
        try {
            return tail(Presence.of(session), request, filter, text, last);
        } catch (IllegalArgumentException wrong) {
            System.out.println(wrong.getMessage() + "\n" + USAGE);
            return FAILED;
        } finally {
            thread.setName(name);
            places.release();
        }
    }

    private CommandStatus tail(Presence client, Request request, EntryFilter filter, EntryText text, int last)
            throws IOException, InterruptedException {
        Log log = engine.log();
        Printer printer = new Printer(text, request.flags().contains("--json"));
        long from = LogPosition.of(request.one("--from").orElse("now"), log, engine.clock());
        if (last > 0) {
            LatestEntries.before(from, last, log, filter).forEach(printer::entry);
        }
        boolean isFollowing = !request.flags().contains("--no-follow");
        long end = isFollowing ? Long.MAX_VALUE : log.durableOffset();
        try (LogFollower follower = new LogFollower(log, from, filter)) {
            while (!client.hasLeft() && follower.position() < end) {
                follower.read(printer);
                if (System.out.checkError()) {
                    return OK;
                }
                follower.await(LOOK_EVERY);
            }
        }
        return OK;
    }

    private static Request request(String... words) {
        Set<String> flags = new HashSet<>();
        Map<String, List<String>> options = new HashMap<>();
        for (int i = 0; i < words.length; i++) {
            if (FLAGS.contains(words[i])) {
                flags.add(words[i]);
            } else if (OPTIONS.contains(words[i]) && i + 1 < words.length) {
                options.computeIfAbsent(words[i], name -> new ArrayList<>()).add(words[++i]);
            } else {
                throw new IllegalArgumentException("'" + words[i] + "' is no option" + (OPTIONS.contains(words[i]) ? " without a value" : ""));
            }
        }
        return new Request(flags, options);
    }

    /** Prints what is found. Used by one thread. */
    private record Printer(EntryText text, boolean isJson) implements LogFollower.Visitor {

        @Override
        public void entry(LogEntry entry) {
            System.out.println(isJson ? text.json(entry) : text.line(entry));
        }

        @Override
        public void gap(long from, long to) {
            if (!isJson) {
                System.out.println("-- the log does not hold entries " + from + " to " + (to - 1) + " any more --");
            }
        }
    }
}
