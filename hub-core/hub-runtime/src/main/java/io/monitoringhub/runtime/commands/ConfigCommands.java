package io.monitoringhub.runtime.commands;

import io.monitoringhub.runtime.config.ConfigurationChanges;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.Reload;
import io.monitoringhub.runtime.shell.CommandStatus;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * What the configuration is, in what the file differs from it, and using the file. Secrets are never shown. As a {@link Runnable} it is
 * what the launcher calls at SIGHUP.
 *
 * <p>Thread-safe.
 */
@Component(service = {ConfigCommands.class, Runnable.class}, property = {"osgi.command.scope=hub", "osgi.command.function=config",
    "osgi.command.function=reload", "hub.action=reload"})
public final class ConfigCommands implements Runnable {

    private static final CommandStatus OK = new CommandStatus(0);
    private static final CommandStatus FAILED = new CommandStatus(1);
    private static final CommandStatus BAD_CONFIGURATION = new CommandStatus(78);

    private final HubEngine engine;
    private final Configurations configurations;

    @Activate
    public ConfigCommands(@Reference HubComponent hub, @Reference Configurations configurations) {
        this.engine = hub.engine();
        this.configurations = configurations;
    }

    /** Prints one of several views. */
    @Descriptor("show: every value that holds and where it comes from; diff: the files on disk against what is in use; schema: for editors")
    public CommandStatus config(@Descriptor("show, diff or schema") String view) {
        return switch (view) {
            case "show" -> show();
            case "diff" -> diff();
            case "schema" -> schema();
            default -> {
                System.out.println("expected hub:config show, diff or schema, not '" + view + "'");
                yield FAILED;
            }
        };
    }

    private CommandStatus show() {
        engine.effectiveConfiguration().values().forEach((key, value) -> System.out.printf("%-44s %-28s %s%n", key + ":", value, value.place()));
        return OK;
    }

    private CommandStatus schema() {
        System.out.println(configurations.schema());
        return OK;
    }

    private CommandStatus diff() {
        try {
            ConfigurationChanges changes = engine.configurationChanges();
            System.out.println(changes.isEmpty() ? "what is on disk is in use" : String.join("\n", changes.lines()));
            return OK;
        } catch (ConfigurationException bad) {
            System.out.println(bad.getMessage());
            return BAD_CONFIGURATION;
        }
    }

    /** Uses what is on disk, if it can be used. */
    @Descriptor("reads the configuration again; a bad one changes nothing")
    public CommandStatus reload() {
        Reload reload = engine.reload();
        System.out.println(reload.message());
        return reload.isUsed() ? OK : BAD_CONFIGURATION;
    }

    @Override
    public void run() {
        engine.reload();
    }
}
