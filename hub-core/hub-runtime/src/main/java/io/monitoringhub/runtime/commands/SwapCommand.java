package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.runtime.swaps.LaneSwap;
import io.monitoringhub.runtime.swaps.PluginSwapReport;
import io.monitoringhub.runtime.swaps.SwapWatch;
import io.monitoringhub.runtime.swaps.TransportSwap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** {@code hub:swap}: replaces a plugin as dropping a jar does, and tells what it cost. Thread-safe. */
@Component(service = SwapCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=swap"})
public final class SwapCommand {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_EVERY_MS = 50;

    private final CommandRunner runner;
    private final PluginCatalog catalog;
    private final SwapWatch watch;
    private final Path plugins;
    private final CountDownLatch stopping = new CountDownLatch(1);

    @Activate
    public SwapCommand(BundleContext context, @Reference CommandRunner runner, @Reference PluginCatalog catalog, @Reference SwapWatch watch) {
        this.runner = runner;
        this.catalog = catalog;
        this.watch = watch;
        this.plugins = Path.of(context.getProperty("hub.plugins"));
    }

    @Deactivate
    public void stop() {
        stopping.countDown();
    }

    /** Replaces, or shows the last report. */
    public CommandStatus swap(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "swap", words, arguments -> {
            Optional<String> file = arguments.word(0).isPresent() ? Optional.of(file(arguments.word(0).get())) : Optional.empty();
            if (arguments.word(1).isPresent()) {
                return swap(file.orElseThrow(), Path.of(arguments.word(1).get()));
            }
            return answer(last(file).orElseThrow(() -> new CommandFailure(file.map(name -> name + " has").orElse("no plugin has")
                    + (file.isPresent() ? " not" : "") + " been replaced since the hub was started")));
        });
    }

    private String file(String name) throws CommandFailure {
        List<Plugin> all = catalog.judged();
        return all.stream().filter(plugin -> plugin.file().equals(name) || plugin.file().equals(name + ".jar") || plugin.name().equals(name))
                .map(Plugin::file).findFirst().orElseThrow(() -> new CommandFailure("there is no plugin '" + name + "': "
                + all.stream().map(Plugin::file).collect(Collectors.joining(", ")) + ". A new one is dropped into " + plugins));
    }

    private Optional<PluginSwapReport> last(Optional<String> file) {
        return watch.reports().stream().filter(report -> file.isEmpty() || report.file().equals(file.get())).reduce((one, later) -> later);
    }

    private Answer swap(String file, Path jar) throws CommandFailure, IOException, InterruptedException {
        if (!jar.isAbsolute() || !Files.isReadable(jar)) {
            throw new CommandFailure("cannot read " + jar + (jar.isAbsolute() ? "" : ": in the shell of the hub a path has to be absolute"));
        }
        Path target = plugins.resolve(file);
        if (Files.exists(target) && Files.mismatch(jar, target) < 0) {
            throw new CommandFailure(jar + " is what plugins/" + file + " is already");
        }
        Optional<PluginSwapReport> earlier = last(Optional.of(file));
        Plugin old = plugin(file);
        Path draft = plugins.resolve("." + file + ".tmp");
        Files.copy(jar, draft, StandardCopyOption.REPLACE_EXISTING);
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Supplier<Optional<PluginSwapReport>> report = () -> last(Optional.of(file)).filter(now -> !now.at().equals(earlier.map(PluginSwapReport::at)
                .orElse(null)));
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() - deadline < 0) {
            Plugin now = plugin(file);
            Optional<PluginSwapReport> done = report.get().filter(PluginSwapReport::isSettled);
            boolean isJudged = !now.equals(old) && (now.state() != old.state() || !now.detail().equals(old.detail()) || !now.version().equals(old.version()));
            if (done.isPresent()) {
                return answer(done.get());
            } else if (isJudged && isRefusal(now)) {
                throw refused(now);
            } else if (isJudged && old.name().isEmpty()) {
                return Answer.ok(HubJson.plugin(now), now.file() + ": " + now.name() + " " + now.version() + " " + now.state().label()
                        + "; nothing had been running for this file");
            } else if (stopping.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                throw new CommandFailure("the hub is being stopped");
            }
        }
        Plugin last = plugin(file);
        return answer(report.get().orElseThrow(() -> refused(last)));
    }

    private static boolean isRefusal(Plugin plugin) {
        return switch (plugin.state()) {
            case KEPT, ROLLED_BACK, REFUSED -> true;
            default -> false;
        };
    }

    private static CommandFailure refused(Plugin now) {
        return new CommandFailure("plugins/" + now.file() + " is the new jar; it " + (isRefusal(now) ? "was " : "is ") + now.state().label()
                + (now.detail().isEmpty() ? "" : ": " + now.detail()));
    }

    private Plugin plugin(String file) throws CommandFailure {
        return catalog.plugins().stream().filter(plugin -> plugin.file().equals(file)).findFirst()
                .orElseThrow(() -> new CommandFailure("plugins/" + file + " has been removed meanwhile"));
    }

    private static Answer answer(PluginSwapReport report) {
        int code = report.isRolledBack() ? ExitCode.FAILED : ExitCode.OK;
        return new Answer(code, document(report), screen -> print(screen, report));
    }

    static void print(Screen screen, PluginSwapReport report) {
        screen.line(report.file() + ": " + report.bundle() + " " + report.from() + (report.isRolledBack() ? " runs again, its successor failed"
                : " -> " + report.to()) + ", " + report.at().truncatedTo(ChronoUnit.SECONDS) + ", no version ran for "
                + report.change().toMillis() + " ms");
        if (!report.lanes().isEmpty()) {
            TextTable table = new TextTable().column("LANE").column("STATE").column("BEFORE").column("COMMITTED", 1).column("AFTER")
                    .column("PAUSE").column("WRITTEN", 2).column("LOST").column("DOUBLED").column("REASON");
            for (LaneSwap lane : report.lanes()) {
                table.row(lane.lane(), lane.state(), lane.deliveredTo(), lane.committedAt(), lane.resumedAt(), lane.pause().toMillis() + " ms",
                        lane.written(), lane.lost(), lane.doubled(), lane.reason());
            }
            screen.table(table);
        }
        if (!report.transports().isEmpty()) {
            TextTable table = new TextTable().column("TRANSPORT").column("STATE").column("BEFORE").column("AFTER").column("PAUSE")
                    .column("MESSAGES", 1).column("LOST").column("RECOGNISED").column("REASON");
            for (TransportSwap transport : report.transports()) {
                table.row(transport.transport(), transport.state(), transport.logEndBefore(), transport.logEndAfter(),
                        transport.pause().toMillis() + " ms", transport.messages(), transport.lost(), transport.recognised(), transport.reason());
            }
            screen.table(table);
        }
        screen.line("lost " + report.lost() + ", doubled " + report.doubled()
                + (report.transports().isEmpty() ? "" : ", sent again and recognised " + report.recognised())
                + (report.isSettled() ? "" : "; not everything is well yet"));
    }

    private static Map<String, Object> document(PluginSwapReport report) {
        return Json.map("file", report.file(), "bundle", report.bundle(), "from", report.from(), "to", report.to(),
                "rolled_back", report.isRolledBack(), "at", report.at(), "change_ms", report.change().toMillis(), "settled", report.isSettled(),
                "lost", report.lost(), "doubled", report.doubled(), "recognised", report.recognised(),
                "lanes", report.lanes().stream().map(SwapCommand::document).toList(),
                "transports", report.transports().stream().map(SwapCommand::document).toList());
    }

    private static Map<String, Object> document(LaneSwap lane) {
        return Json.map("lane", lane.lane(), "state", lane.state(), "reason", lane.reason(), "delivered_to", lane.deliveredTo(),
                "committed_at", lane.committedAt(), "resumed_at", lane.resumedAt(), "first_offset", lane.firstOffset(),
                "pause_ms", lane.pause().toMillis(), "written_entries", lane.written(), "rejected_entries", lane.deadLetters(),
                "lost", lane.lost(), "doubled", lane.doubled());
    }

    private static Map<String, Object> document(TransportSwap transport) {
        return Json.map("transport", transport.transport(), "state", transport.state(), "reason", transport.reason(),
                "address", transport.address(), "log_end_before", transport.logEndBefore(), "log_end_after", transport.logEndAfter(),
                "pause_ms", transport.pause().toMillis(), "messages", transport.messages(), "recognised", transport.recognised(),
                "lost", transport.lost());
    }
}
