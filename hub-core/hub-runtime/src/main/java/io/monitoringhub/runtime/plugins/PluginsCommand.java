package io.monitoringhub.runtime.plugins;

import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
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

    private static final String LINE = "%-32s %-40s %-12s %-20s %s%n";

    private final PluginCatalog catalog;

    @Activate
    public PluginsCommand(@Reference PluginCatalog catalog) {
        this.catalog = catalog;
    }

    /** Prints the table; Gogo has redirected standard output to the session. */
    @Descriptor("the jars in plugins/ and what became of them")
    public void plugins() {
        List<Plugin> plugins = catalog.plugins();
        System.out.printf(LINE, "FILE", "BUNDLE", "VERSION", "SINCE", "STATE");
        for (Plugin plugin : plugins) {
            String why = plugin.detail().isEmpty() ? "" : ": " + plugin.detail();
            System.out.printf(LINE, plugin.file(), dash(plugin.name()), dash(plugin.version()),
                    plugin.since().truncatedTo(ChronoUnit.SECONDS), plugin.state().label() + why);
        }
    }

    private static String dash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
