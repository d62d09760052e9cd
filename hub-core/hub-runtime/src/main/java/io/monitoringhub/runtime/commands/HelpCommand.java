package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Command;
import io.monitoringhub.command.Help;
import io.monitoringhub.runtime.shell.CommandStatus;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code hub:help}. Immutable. */
@Component(service = HelpCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=help"})
public final class HelpCommand {

    private final CommandRunner runner;

    @Activate
    public HelpCommand(@Reference CommandRunner runner) {
        this.runner = runner;
    }

    /** All commands of the hub, or one. */
    public CommandStatus help(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "help", words, arguments -> {
            if (arguments.word(0).isEmpty()) {
                return Answer.ok("", screen -> {
                    screen.asIs(Help.overview(runner.table().inShell(), Math.min(screen.width(), Help.STANDARD_WIDTH)));
                    screen.line("\n'hub:help COMMAND' explains one; 'felix:help' lists those of Felix.");
                });
            }
            Command command = runner.table().shell(arguments.word(0).get());
            return Answer.ok("", screen -> screen.asIs(Help.of(command, "hub:", Math.min(screen.width(), Help.STANDARD_WIDTH))));
        });
    }
}
