package io.monitoringhub.runtime.shell;

import io.monitoringhub.runtime.plugins.ComponentStates;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:check}: lists what is not as it should be in the framework; its status is 1 if there is anything.
 *
 * <p>Thread-safe.
 */
@Component(service = CheckCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=check"})
public final class CheckCommand {

    private final BundleContext context;
    private final PluginCatalog catalog;
    private final ComponentStates components;

    @Activate
    public CheckCommand(BundleContext context, @Reference PluginCatalog catalog, @Reference ComponentStates components) {
        this.context = context;
        this.catalog = catalog;
        this.components = components;
    }

    /** Prints one line per problem, or that there is none. */
    @Descriptor("bundles that are not active, components that miss something, plugins that were refused")
    public CommandStatus check() {
        List<String> problems = new ArrayList<>();
        List<Bundle> bundles = Arrays.asList(context.getBundles());
        bundles.stream().filter(CheckCommand::isNotActive).forEach(bundle -> problems.add("bundle " + bundle + " is not active"));
        bundles.stream().flatMap(bundle -> components.problems(bundle).stream()).forEach(problems::add);
        catalog.plugins().stream().filter(plugin -> plugin.state() != Plugin.State.ACTIVE)
                .forEach(plugin -> problems.add("plugin " + plugin.file() + " " + plugin.state().label() + ": " + plugin.detail()));
        problems.forEach(System.out::println);
        System.out.println(problems.isEmpty() ? bundles.size() + " bundles, all well" : problems.size() + " problems");
        return new CommandStatus(problems.isEmpty() ? ShellConnection.OK : ShellConnection.FAILED);
    }

    private static boolean isNotActive(Bundle bundle) {
        if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null) {
            return bundle.getState() != Bundle.RESOLVED;
        }
        return bundle.getState() != Bundle.ACTIVE
                && !(bundle.getState() == Bundle.STARTING && bundle.getHeaders("").get(Constants.BUNDLE_ACTIVATIONPOLICY) != null);
    }
}
