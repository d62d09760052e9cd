package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.HubConfiguration;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.InstanceConfiguration;
import io.monitoringhub.runtime.plugins.ComponentStates;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.shell.CommandStatus;
import io.monitoringhub.spi.ComponentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:check}: lists what is not as it should be in configuration and framework; its status is 1 if there is anything, and 78 if
 * the configuration on disk can't be used.
 *
 * <p>Thread-safe.
 */
@Component(service = CheckCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=check"})
public final class CheckCommand {

    private final CommandRunner runner;
    private final BundleContext context;
    private final PluginCatalog catalog;
    private final ComponentStates components;
    private final Configurations configurations;

    @Activate
    public CheckCommand(BundleContext context, @Reference CommandRunner runner, @Reference PluginCatalog catalog,
            @Reference ComponentStates components, @Reference Configurations configurations) {
        this.context = context;
        this.runner = runner;
        this.configurations = configurations;
        this.catalog = catalog;
        this.components = components;
    }

    /** One line per problem, or how all is. */
    public CommandStatus check(CommandSession session, String... words) throws InterruptedException {
        return runner.run(session, "check", words, arguments -> {
            if (!arguments.words().isEmpty()) {
                throw arguments.wrong("another FILE is looked at by bin/hub check FILE, outside of the shell");
            }
            return check();
        });
    }

    Answer check() {
        List<Plugin> plugins = catalog.judged();
        List<String> lines = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        try {
            HubConfiguration hub = configurations.read().hub();
            warnings.addAll(hub.warnings());
            describe(hub, lines);
        } catch (ConfigurationException bad) {
            faults.addAll(bad.lines());
            lines.add("configuration " + configurations.file().path() + " cannot be used:");
            bad.lines().forEach(problem -> lines.add("  " + problem));
        }
        List<Bundle> bundles = Arrays.asList(context.getBundles());
        List<String> problems = problems(bundles, plugins);
        lines.addAll(problems);
        lines.add(problems.isEmpty() ? bundles.size() + " bundles, all well" : problems.size() + " problems");
        int code = !faults.isEmpty() ? ExitCode.CONFIG : problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        return new Answer(code, Json.map("configuration", configurations.file().path(), "usable", faults.isEmpty(),
                "configuration_problems", faults, "warnings", warnings, "problems", problems, "bundles", bundles.size()),
                screen -> lines.forEach(screen::line));
    }

    private List<String> problems(List<Bundle> bundles, List<Plugin> plugins) {
        List<String> problems = new ArrayList<>();
        bundles.stream().filter(CheckCommand::isNotActive).forEach(bundle -> problems.add("bundle " + bundle + " is not active"));
        // In a framework that only looks the engine is kept back on purpose.
        bundles.stream().filter(bundle -> !(HubFolders.isCheck(context) && bundle.equals(context.getBundle())))
                .flatMap(bundle -> components.problems(bundle).stream()).forEach(problems::add);
        plugins.stream().filter(plugin -> plugin.state() != Plugin.State.ACTIVE)
                .forEach(plugin -> problems.add("plugin " + plugin.file() + " " + plugin.state().label() + ": " + plugin.detail()));
        return problems;
    }

    private void describe(HubConfiguration hub, List<String> lines) {
        lines.add("configuration " + configurations.file().path() + " can be used");
        hub.warnings().forEach(warning -> lines.add("  warning: " + warning));
        lines.add(String.format(Locale.ROOT, "  %-14s %s, retain %d h, at most %d MiB, %s", "log", hub.log().folder(), hub.log().retain().toHours(),
                hub.log().maxBytes() >> 20, hub.log().durability().name().toLowerCase(Locale.ROOT)));
        hub.transports().values().forEach(instance -> lines.add(instance(instance)));
        hub.backends().values().forEach(instance -> lines.add(instance(instance)));
        lines.add(String.format(Locale.ROOT, "  %-14s %d rules, %d lanes", "routes", hub.routes().size(), hub.lanes().size()));
    }

    private String instance(InstanceConfiguration instance) {
        ComponentId id = instance.id();
        return String.format(Locale.ROOT, "  %-14s %s, type %s%s", id.kind().word(), id.name(), id.type(), configurations.types().of(id).isPresent() ? ""
                : ": no plugin of this type is in the plugins folder; its keys were not checked, and it will wait for one");
    }

    private static boolean isNotActive(Bundle bundle) {
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null) {
            return bundle.getState() != Bundle.RESOLVED;
        }
        return bundle.getState() != Bundle.ACTIVE
                && !(bundle.getState() == Bundle.STARTING && bundle.getHeaders("").get(Constants.BUNDLE_ACTIVATIONPOLICY) != null);
    }
}
