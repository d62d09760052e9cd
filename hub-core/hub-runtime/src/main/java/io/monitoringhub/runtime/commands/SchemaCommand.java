package io.monitoringhub.runtime.commands;

import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.shell.CommandStatus;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:schema}: the configuration file as JSON Schema, for editors. Needs no hub that runs.
 *
 * <p>Thread-safe.
 */
@Component(service = SchemaCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=schema"})
public final class SchemaCommand {

    private final CommandRunner runner;
    private final Configurations configurations;

    @Activate
    public SchemaCommand(@Reference CommandRunner runner, @Reference Configurations configurations) {
        this.runner = runner;
        this.configurations = configurations;
    }

    /** Prints it. */
    public CommandStatus schema(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "schema", words, arguments -> Answer.ok("", screen -> screen.asIs(configurations.schema() + "\n")));
    }
}
