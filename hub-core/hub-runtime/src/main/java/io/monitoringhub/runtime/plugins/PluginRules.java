package io.monitoringhub.runtime.plugins;

import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.FailedStart;
import io.monitoringhub.runtime.config.PluginsSection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The terms on which plugins run, as they are in use. The engine says them; before it does, or where there is none since the framework
 * only looks, they are read.
 *
 * <p>Thread-safe.
 */
@Component(service = PluginRules.class)
public final class PluginRules {

    private final Configurations configurations;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<PluginsSection> inUse = Optional.empty();

    @Activate
    public PluginRules(@Reference Configurations configurations) {
        this.configurations = configurations;
    }

    /** @throws RefusedException where nobody can tell: what may not run is not found out by running it */
    PluginsSection current() throws RefusedException {
        if (inUse.isPresent()) {
            return inUse.get();
        }
        try {
            return configurations.read().hub().plugins();
        } catch (ConfigurationException bad) {
            throw new RefusedException(Refusal.SIGNATURE, "the configuration cannot be used, which says whether plugins have to be signed", bad);
        }
    }

    /** Whether a jar that nobody whom the hub knows has signed would be refused. */
    boolean requireSignatures() {
        return inUse.stream().anyMatch(terms -> terms.verify() == PluginsSection.Verify.REQUIRE);
    }

    /** From now on these hold. */
    public void use(PluginsSection plugins) {
        Optional<PluginsSection> before = inUse;
        inUse = Optional.of(plugins);
        if (!before.equals(inUse)) {
            listeners.forEach(Runnable::run);
        }
    }

    /** Whether the hub could not start: then no plugin is let in, and nothing is said of any. */
    boolean letNobodyIn() {
        return FailedStart.isKnown();
    }

    /** @param listener is told of other terms; may not block */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }
}
