package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes a slot over to another jar: installs and resolves it beside what runs, stops that, starts the new one, looks at its components,
 * and takes all of it back if it is not at least as good as before.
 *
 * <p>Used by one thread at a time.
 */
final class PluginSwap {

    private static final Logger LOG = LoggerFactory.getLogger(PluginSwap.class);

    private final BundleContext context;
    private final FrameworkWiring wiring;
    private final ComponentStates components;
    private final BundleLifecycle lifecycle;

    PluginSwap(BundleContext context, FrameworkWiring wiring, ComponentStates components, BundleLifecycle lifecycle) {
        this.context = context;
        this.wiring = wiring;
        this.components = components;
        this.lifecycle = lifecycle;
    }

    /**
     * Returns when the new bundle runs and the old one is gone.
     *
     * @param hasStandIn whether there is something to fall back on if nothing runs now: then a new bundle has to be good in all its components
     * @throws RefusedException when nothing came of it; then what ran before runs again, or the slot has no bundle
     */
    void swap(Slot slot, PluginJar candidate, String signature, Duration limit, boolean hasStandIn) throws RefusedException, IOException {
        String location = PluginLocation.of(slot.file, candidate.sha256());
        requireUnique(slot, candidate);
        requireNotAbandoned(location, candidate);
        Bundle fresh = installResolved(location, candidate);
        Bundle old = slot.bundle;
        boolean ran = old != null && old.getState() == Bundle.ACTIVE;
        Map<ComponentStates.Instance, Integer> before = old == null ? Map.of() : components.states(old);
        long begin = System.nanoTime();
        try {
            if (old != null) {
                lifecycle.stop(old, limit, false);
            }
            start(fresh, limit);
            requireComponents(before, fresh, old != null || hasStandIn);
        } catch (RefusedException failure) {
            rollBack(slot, fresh, ran, limit, begin, failure);
            throw failure;
        } catch (InterruptedException hubStops) {
            Thread.currentThread().interrupt();
            throw new RefusedException(Refusal.START, "the hub stops", hubStops);
        }
        long pauseMs = (System.nanoTime() - begin) / 1_000_000;
        slot.runs(fresh, candidate.sha256(), signature);
        report(slot, old, fresh, pauseMs);
        dispose(old, limit);
    }

    private void requireUnique(Slot slot, PluginJar candidate) throws RefusedException {
        Optional<Bundle> other = Arrays.stream(context.getBundles())
                .filter(bundle -> candidate.symbolicName().equals(bundle.getSymbolicName()))
                .filter(bundle -> bundle != slot.bundle && !lifecycle.isAbandoned(bundle))
                .findFirst();
        if (other.isPresent()) {
            throw new RefusedException(Refusal.NAME, candidate.symbolicName() + " is already installed from "
                    + PluginLocation.source(other.get()) + ": remove one of the two");
        }
    }

    private void requireNotAbandoned(String location, PluginJar candidate) throws RefusedException {
        Bundle same = context.getBundle(location);
        if (same != null && lifecycle.isAbandoned(same)) {
            throw new RefusedException(Refusal.START_LIMIT, candidate.symbolicName() + " " + candidate.version()
                    + " hangs since it was tried before: deliver another jar, or restart the hub");
        }
    }

    private Bundle installResolved(String location, PluginJar candidate) throws RefusedException, IOException {
        Bundle fresh;
        try (InputStream in = candidate.open()) {
            fresh = context.installBundle(location, in);
        } catch (BundleException e) {
            throw new RefusedException(Refusal.CONTENT, "not a valid bundle (" + e.getMessage() + ")");
        }
        if (!wiring.resolveBundles(List.of(fresh))) {
            String reason = new Requirements(wiring).whyUnresolved(fresh);
            uninstall(fresh);
            throw new RefusedException(Refusal.REQUIREMENTS, name(fresh) + ": " + reason);
        }
        return fresh;
    }

    private void start(Bundle fresh, Duration limit) throws RefusedException, InterruptedException {
        try {
            lifecycle.start(fresh, limit);
        } catch (TimeoutException hangs) {
            throw new RefusedException(Refusal.START_LIMIT, name(fresh) + " has not started " + hangs.getMessage()
                    + " (plugins.start_limit)", hangs);
        } catch (BundleException | RuntimeException e) { // what an activator throws, and what Felix makes of it
            throw new RefusedException(Refusal.START, name(fresh) + " does not start (" + rootMessage(e) + ")", e);
        }
    }

    /** Same configuration, same framework, another jar: what works no longer is the jar's fault. */
    private void requireComponents(Map<ComponentStates.Instance, Integer> before, Bundle fresh, boolean isCompared) throws RefusedException {
        List<String> lost = isCompared ? components.lost(before, fresh) : List.of();
        if (!lost.isEmpty()) {
            throw new RefusedException(Refusal.COMPONENT, name(fresh) + ": " + String.join("; ", lost));
        }
    }

    /** The slot's bundle is as it was, or the slot has none. */
    private void rollBack(Slot slot, Bundle fresh, boolean ran, Duration limit, long begin, RefusedException failure) {
        LOG.debug("plugin {}: {}", slot.file, failure.getMessage(), failure);
        Bundle old = slot.bundle;
        try {
            if (!lifecycle.isAbandoned(fresh) && fresh.getState() != Bundle.UNINSTALLED) {
                lifecycle.stop(fresh, limit, true);
            }
            if (old != null && ran) {
                lifecycle.start(old, limit);
                LOG.error("plugin {}: {}; {} runs again after {} ms", slot.file, failure.getMessage(), name(old),
                        (System.nanoTime() - begin) / 1_000_000);
            }
        } catch (BundleException | TimeoutException | RuntimeException e) { // a bundle that was abandoned or is gone
            LOG.error("plugin {}: {}, and {} does not start again", slot.file, failure.getMessage(), name(old), e);
            slot.runsNothing();
            uninstall(old);
        } catch (InterruptedException hubStops) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(Slot slot, Bundle old, Bundle fresh, long pauseMs) {
        if (old == null) {
            LOG.info("plugin {}: {} started", slot.file, name(fresh));
        } else {
            LOG.info("plugin {}: {} replaced by {}, pause {} ms", slot.file, name(old), name(fresh), pauseMs);
        }
        components.problems(fresh).forEach(problem -> LOG.warn("plugin {}: {}", slot.file, problem));
    }

    /** Stops and uninstalls, and lets go of those few that were wired to it: plugins should export nothing, libraries may. */
    void dispose(Bundle bundle, Duration limit) {
        if (bundle == null || bundle.getState() == Bundle.UNINSTALLED || lifecycle.isAbandoned(bundle)) {
            return;
        }
        boolean isUsed = wiring.getDependencyClosure(List.of(bundle)).size() > 1;
        try {
            lifecycle.stop(bundle, limit, true);
        } catch (InterruptedException hubStops) {
            Thread.currentThread().interrupt();
            return;
        }
        if (isUsed) {
            wiring.refreshBundles(List.of(bundle));
        }
    }

    /** Starts again what was stopped with a bundle that it needs. */
    void startAgain(Slot slot, Duration limit) throws RefusedException {
        Bundle bundle = slot.bundle;
        if (!slot.lostWhatItNeeds() || !wiring.resolveBundles(List.of(bundle))) {
            return;
        }
        try {
            lifecycle.start(bundle, limit);
            LOG.info("plugin {}: {} has what it needs again and runs", slot.file, name(bundle));
        } catch (TimeoutException hangs) {
            slot.runsNothing();
            throw new RefusedException(Refusal.START_LIMIT, name(bundle) + " has not started again " + hangs.getMessage()
                    + " (plugins.start_limit)", hangs);
        } catch (BundleException | RuntimeException e) { // an activator's
            LOG.error("plugin {}: {} does not start again", slot.file, name(bundle), e);
        } catch (InterruptedException hubStops) {
            Thread.currentThread().interrupt();
        }
    }

    private void uninstall(Bundle bundle) {
        if (bundle == null || lifecycle.isAbandoned(bundle) || bundle.getState() == Bundle.UNINSTALLED) {
            return;
        }
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            LOG.warn("{} was not uninstalled cleanly", name(bundle), e);
        }
    }

    static String name(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
