package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Arguments;
import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.UsageException;
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
import java.util.concurrent.Semaphore;
import org.apache.felix.service.command.CommandSession;
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

    /** Fewer than the shell has connections, so that somebody can still ask the hub something. */
    private static final int MOST_AT_A_TIME = 4;
    private static final int MOST_LAST = 10_000;
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final CommandRunner runner;
    private final HubEngine engine;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);

    @Activate
    public TailCommands(@Reference CommandRunner runner, @Reference HubComponent hub) {
        this.runner = runner;
        this.engine = hub.engine();
    }

    /** From where it is asked for on. */
    public CommandStatus tail(CommandSession session, String... words) throws InterruptedException {
        return runner.runOn(session, "tail", words, (arguments, screen) -> {
            EntryFilter filter;
            long from;
            try {
                filter = EntryFilter.of(arguments.values("--source"), arguments.values("--type"), arguments.value("--level"), arguments.value("--grep"));
                from = LogPosition.of(arguments.value("--from").orElse("now"), engine.log(), engine.clock());
            } catch (IllegalArgumentException wrong) {
                throw arguments.wrong(wrong.getMessage());
            }
            int last = last(arguments);
            if (!places.tryAcquire()) {
                throw new CommandFailure("hub:tail runs " + MOST_AT_A_TIME + " times already: end one of them, or use GET /v1/stream");
            }
            Thread thread = Thread.currentThread();
            String name = thread.getName();
            thread.setName(THREAD_NAME);
            try {
                Printer printer = new Printer(new EntryText(screen.width() == Screen.ENDLESS ? 0 : screen.width(), screen.hasColour()), arguments.wantsJson());
                if (last > 0) {
                    LatestEntries.before(from, last, engine.log(), filter).forEach(printer::entry);
                }
                long end = arguments.has("--no-follow") ? engine.log().durableOffset() : Long.MAX_VALUE;
                try (LogFollower follower = new LogFollower(engine.log(), from, filter)) {
                    follow(follower, end, printer, Presence.of(session));
                }
                return ExitCode.OK;
            } finally {
                thread.setName(name);
                places.release();
            }
        });
    }

    private static void follow(LogFollower follower, long end, Printer printer, Presence client) throws IOException, InterruptedException {
        while (!client.hasLeft() && follower.position() < end) {
            follower.read(printer);
            if (System.out.checkError()) {
                return;
            }
            follower.await(LOOK_EVERY);
        }
    }

    private static int last(Arguments arguments) throws UsageException {
        String word = arguments.value("-n").orElse("0");
        if (!word.matches("\\d{1,6}") || Integer.parseInt(word) > MOST_LAST) {
            throw arguments.wrong("-n takes a number up to " + MOST_LAST + ", not '" + word + "'");
        }
        return Integer.parseInt(word);
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
