package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Json;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.shell.CommandStatus;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:plugins}: one line per file in {@code plugins/}.
 *
 * <p>Immutable.
 */
@Component(service = PluginsCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=plugins"})
public final class PluginsCommand {

    private final CommandRunner runner;
    private final PluginCatalog catalog;

    @Activate
    public PluginsCommand(@Reference CommandRunner runner, @Reference PluginCatalog catalog) {
        this.runner = runner;
        this.catalog = catalog;
    }

    /** All of them. */
    public CommandStatus plugins(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "plugins", words, arguments -> {
            List<Plugin> plugins = catalog.judged();
            return Answer.ok(Json.map("plugins", plugins.stream().map(HubJson::plugin).toList()), screen -> screen.table(table(plugins)));
        });
    }

    static TextTable table(List<Plugin> plugins) {
        TextTable table = new TextTable().column("FILE").column("BUNDLE", 2).column("VERSION").column("SINCE", 1).column("STATE");
        for (Plugin plugin : plugins) {
            String why = plugin.detail().isEmpty() ? "" : ": " + plugin.detail();
            table.row(plugin.file(), dash(plugin.name()), dash(plugin.version()), plugin.since().truncatedTo(ChronoUnit.SECONDS),
                    plugin.state().label() + why);
        }
        return table;
    }

    private static String dash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
