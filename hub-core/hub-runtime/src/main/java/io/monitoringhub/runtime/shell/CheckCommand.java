package io.monitoringhub.runtime.shell;

import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.HubConfiguration;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.InstanceConfiguration;
import io.monitoringhub.runtime.plugins.ComponentStates;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.spi.ComponentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
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

    /** As in sysexits.h. */
    private static final int BAD_CONFIGURATION = 78;

    private final BundleContext context;
    private final PluginCatalog catalog;
    private final ComponentStates components;
    private final Configurations configurations;

    @Activate
    public CheckCommand(BundleContext context, @Reference PluginCatalog catalog, @Reference ComponentStates components,
            @Reference Configurations configurations) {
        this.context = context;
        this.configurations = configurations;
        this.catalog = catalog;
        this.components = components;
    }

    /** Prints one line per problem, or how all is. */
    @Descriptor("what is wrong with the configuration on disk; bundles that are not active, components that miss something, plugins that were refused")
    public CommandStatus check() {
        boolean isConfigured = configuration();
        List<String> problems = new ArrayList<>();
        List<Bundle> bundles = Arrays.asList(context.getBundles());
        bundles.stream().filter(CheckCommand::isNotActive).forEach(bundle -> problems.add("bundle " + bundle + " is not active"));
        // In a framework that only looks the engine is kept back on purpose.
        bundles.stream().filter(bundle -> !(HubFolders.isCheck(context) && bundle.equals(context.getBundle())))
                .flatMap(bundle -> components.problems(bundle).stream()).forEach(problems::add);
        catalog.plugins().stream().filter(plugin -> plugin.state() != Plugin.State.ACTIVE)
                .forEach(plugin -> problems.add("plugin " + plugin.file() + " " + plugin.state().label() + ": " + plugin.detail()));
        problems.forEach(System.out::println);
        System.out.println(problems.isEmpty() ? bundles.size() + " bundles, all well" : problems.size() + " problems");
        return new CommandStatus(!isConfigured ? BAD_CONFIGURATION : problems.isEmpty() ? ShellConnection.OK : ShellConnection.FAILED);
    }

    private boolean configuration() {
        try {
            HubConfiguration hub = configurations.read().hub();
            System.out.println("configuration " + configurations.file().path() + " can be used");
            hub.warnings().forEach(warning -> System.out.println("  warning: " + warning));
            System.out.printf("  %-14s %s, retain %d h, at most %d MiB, %s%n", "log", hub.log().folder(), hub.log().retain().toHours(),
                    hub.log().maxBytes() >> 20, hub.log().durability().name().toLowerCase(Locale.ROOT));
            hub.transports().values().forEach(this::instance);
            hub.backends().values().forEach(this::instance);
            System.out.printf("  %-14s %d rules, %d lanes%n", "routes", hub.routes().size(), hub.lanes().size());
            return true;
        } catch (ConfigurationException bad) {
            System.out.println("configuration " + configurations.file().path() + " cannot be used:");
            bad.lines().forEach(problem -> System.out.println("  " + problem));
            return false;
        }
    }

    private void instance(InstanceConfiguration instance) {
        ComponentId id = instance.id();
        System.out.printf("  %-14s %s, type %s%s%n", id.kind().word(), id.name(), id.type(), configurations.types().of(id).isPresent() ? ""
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
