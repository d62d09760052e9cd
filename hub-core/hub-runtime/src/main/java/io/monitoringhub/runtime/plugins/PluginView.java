package io.monitoringhub.runtime.plugins;

import java.time.Instant;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * A slot as people are shown it: what became of its file, and how the bundle is at this moment.
 *
 * <p>Immutable.
 */
final class PluginView {

    private final FrameworkWiring wiring;
    private final ComponentStates components;
    private final boolean requiresSignatures;

    PluginView(FrameworkWiring wiring, ComponentStates components, boolean requiresSignatures) {
        this.requiresSignatures = requiresSignatures;
        this.wiring = wiring;
        this.components = components;
    }

    Plugin of(Slot slot) {
        Plugin plugin = slot.view();
        Bundle bundle = slot.bundle;
        if (bundle == null || plugin.state() != Plugin.State.ACTIVE) {
            return plugin;
        }
        if (slot.lostWhatItNeeds()) {
            return with(plugin, Plugin.State.STOPPED, new Requirements(wiring).whyUnresolved(bundle), slot.changed);
        }
        if (bundle.getState() != Bundle.ACTIVE) {
            return with(plugin, Plugin.State.STOPPED, "by hand; 'start " + bundle.getBundleId() + "' in the shell starts it", slot.changed);
        }
        List<String> problems = components.problems(bundle);
        if (!problems.isEmpty()) {
            return with(plugin, Plugin.State.DEGRADED, String.join("; ", problems), slot.changed);
        }
        if (slot.signature.isEmpty()) {
            return plugin;
        }
        Plugin.State state = requiresSignatures ? Plugin.State.UNVERIFIED : Plugin.State.ACTIVE;
        return with(plugin, state, slot.signature, plugin.since());
    }

    private static Plugin with(Plugin plugin, Plugin.State state, String detail, Instant changed) {
        return new Plugin(plugin.file(), plugin.name(), plugin.version(), state, detail, changed.isAfter(plugin.since()) ? changed : plugin.since());
    }
}
