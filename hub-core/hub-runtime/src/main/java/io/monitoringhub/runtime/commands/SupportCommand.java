package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.runtime.support.SupportCollector;
import io.monitoringhub.runtime.support.SupportCollector.Part;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:support-bundle}; also in a framework that only looks. A function, because no method has a hyphen in its name. Thread-safe.
 */
@Component(service = SupportCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=support-bundle"})
public final class SupportCommand implements Function {

    private final CommandRunner runner;
    private final SupportCollector collector;
    private final CheckCommand check;
    private final PluginCatalog plugins;

    @Activate
    public SupportCommand(@Reference CommandRunner runner, @Reference SupportCollector collector, @Reference CheckCommand check,
            @Reference PluginCatalog plugins) {
        this.runner = runner;
        this.collector = collector;
        this.check = check;
        this.plugins = plugins;
    }

    /** Writes the archive. */
    @Override
    public CommandStatus execute(CommandSession session, List<Object> given) throws InterruptedException {
        String[] words = given.stream().map(String::valueOf).toArray(String[]::new);
        return runner.run(session, "support-bundle", words, arguments -> {
            Path file = Path.of(arguments.word(0).orElse(""));
            if (!file.isAbsolute()) {
                throw arguments.wrong("in the shell of the hub FILE has to be an absolute path");
            }
            try {
                List<String> names = collector.write(file, parts());
                return Answer.ok(Json.map("file", file, "entries", names), file + ": " + names.size()
                        + " files, without secrets and messages as far as the hub can tell: look into it before you send it");
            } catch (FileAlreadyExistsException exists) {
                throw new CommandFailure(ExitCode.CANNOT_CREATE, file + " exists: name another file");
            } catch (IOException failure) {
                throw new CommandFailure(ExitCode.CANNOT_CREATE, "cannot write " + file + ": " + failure);
            }
        });
    }

    private List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("check", check.check().json()));
        parts.add(new Part("plugins", plugins.plugins().stream().map(HubJson::plugin).toList()));
        collector.engine().ifPresent(engine -> parts.addAll(running(engine)));
        return parts;
    }

    private static List<Part> running(HubEngine engine) {
        return List.of(new Part("status", HubJson.status(engine.status())),
                new Part("routes", RouteTable.inOrder(engine.configuration().routes()).stream().map(RouteCommands::document).toList()),
                new Part("orphans", engine.orphanedCursors().stream().map(orphan -> Json.map("lane", orphan.name(), "position", orphan.position()))
                        .toList()));
    }
}
