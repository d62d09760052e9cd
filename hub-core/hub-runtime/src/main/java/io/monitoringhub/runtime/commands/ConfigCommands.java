package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.runtime.config.ConfigurationChanges;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.Effective;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.Reload;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
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

    private final CommandRunner runner;
    private final HubEngine engine;
    private final Configurations configurations;

    @Activate
    public ConfigCommands(@Reference CommandRunner runner, @Reference HubComponent hub, @Reference Configurations configurations) {
        this.runner = runner;
        this.engine = hub.engine();
        this.configurations = configurations;
    }

    /** One of several views. */
    public CommandStatus config(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "config", words, arguments -> switch (arguments.words().get(0)) {
            case "show" -> show(engine.effectiveConfiguration());
            case "diff" -> diff();
            default -> Answer.ok(Json.map("schema", configurations.schema()), screen -> screen.asIs(configurations.schema() + "\n"));
        });
    }

    static Answer show(Effective effective) {
        Map<String, Object> values = new LinkedHashMap<>();
        effective.values().forEach((key, value) -> values.put(key, Json.map("value", value.toString(), "from", value.place().toString(),
                "needs_restart", value.restart())));
        return Answer.ok(Json.map("values", values), screen -> {
            if (screen.width() == Screen.ENDLESS) {
                effective.values().forEach((key, value) -> screen.line(String.format(Locale.ROOT, "%-44s %-28s %s", key + ":", value, value.place())));
            } else {
                effective.values().forEach((key, value) -> screen.line(key + ": " + value + "   (" + value.place() + ")"));
            }
        });
    }

    private Answer diff() throws CommandFailure {
        try {
            ConfigurationChanges changes = engine.configurationChanges();
            return Answer.ok(Json.map("in_use", changes.isEmpty(), "changes", changes.lines()), screen -> {
                if (changes.isEmpty()) {
                    screen.line("what is on disk is in use");
                }
                changes.lines().forEach(screen::line);
            });
        } catch (ConfigurationException bad) {
            throw new CommandFailure(ExitCode.CONFIG, bad.getMessage());
        }
    }

    /** Uses what is on disk, if it can be used. */
    public CommandStatus reload(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "reload", words, arguments -> {
            Reload reload = engine.reload();
            if (!reload.isUsed()) {
                throw new CommandFailure(ExitCode.CONFIG, reload.message());
            }
            return Answer.ok(Json.map("used", true, "message", reload.message()), reload.message());
        });
    }

    @Override
    public void run() {
        engine.reload();
    }
}
