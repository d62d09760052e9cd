package io.monitoringhub.runtime.swaps;

import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneState;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.runtime.engine.Components;
import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Sees plugins being replaced, by whatever means, and reads counters before, in between and after. Knows a replacement by the framework's
 * events: a bundle of a file in {@code plugins/} stops, and the next that starts for this file takes its place.
 *
 * <p>Thread-safe.
 */
@Component(service = SwapWatch.class, immediate = true)
public final class SwapWatch {

    /** What the locations of plugins' bundles begin with; a '#' ends the file's name. */
    private static final String LOCATION_PREFIX = "plugin:";
    private static final String PLUGIN_SERVICES = "(|(" + Constants.OBJECTCLASS + "=" + Backend.class.getName() + ")("
            + Constants.OBJECTCLASS + "=" + Transport.class.getName() + "))";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LOOK_EVERY_MS = 20;
    private static final int MOST_REPORTS = 64;

    private final BundleContext context;
    private final HubEngine engine;
    private final Map<Bundle, Set<ComponentId>> components = new HashMap<>();
    private final Map<String, Snapshot> before = new HashMap<>();
    private final Map<String, Stopped> stopped = new HashMap<>();
    private final Map<String, PluginSwapReport> reports = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor looks = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "hub-swap-report"));
    private final SynchronousBundleListener bundleListener = this::bundleChanged;
    private final ServiceListener serviceListener = this::serviceChanged;

    /** A file whose bundle has stopped. */
    private record Stopped(String file, Bundle bundle, String version, Set<ComponentId> ids, Snapshot before, Snapshot then) {
    }

    @Activate
    public SwapWatch(BundleContext context, @Reference HubComponent hub) throws InvalidSyntaxException {
        this.context = context;
        this.engine = hub.engine();
        looks.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        context.addServiceListener(serviceListener, PLUGIN_SERVICES);
        ServiceReference<?>[] known = context.getAllServiceReferences(null, PLUGIN_SERVICES);
        for (ServiceReference<?> reference : known == null ? new ServiceReference<?>[0] : known) {
            learn(reference);
        }
        context.addBundleListener(bundleListener);
    }

    @Deactivate
    public void stop() throws InterruptedException {
        context.removeBundleListener(bundleListener);
        context.removeServiceListener(serviceListener);
        looks.shutdownNow();
        looks.awaitTermination(1, TimeUnit.SECONDS);
    }

    /** The latest replacement of each file, the latest of all last. */
    public synchronized List<PluginSwapReport> reports() {
        return reports.values().stream().sorted(Comparator.comparing(PluginSwapReport::at)).toList();
    }

    private void serviceChanged(ServiceEvent event) {
        if (event.getType() == ServiceEvent.REGISTERED) {
            learn(event.getServiceReference());
        }
    }

    private synchronized void learn(ServiceReference<?> reference) {
        Bundle bundle = reference.getBundle();
        if (bundle != null && isPlugin(bundle)) {
            Map<String, Object> properties = new HashMap<>();
            for (String key : reference.getPropertyKeys()) {
                properties.put(key, reference.getProperty(key));
            }
            Set<ComponentId> ids = components.computeIfAbsent(bundle, any -> new LinkedHashSet<>());
            Components.id(Kind.BACKEND, properties).ifPresent(ids::add);
            Components.id(Kind.TRANSPORT, properties).ifPresent(ids::add);
        }
    }

    private void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        if (!isPlugin(bundle)) {
            return;
        }
        switch (event.getType()) {
            case BundleEvent.INSTALLED -> installed(bundle);
            case BundleEvent.STOPPED -> stopped(bundle);
            case BundleEvent.STARTED -> started(bundle);
            case BundleEvent.UNINSTALLED -> uninstalled(bundle);
            default -> {
                // nothing that counts
            }
        }
    }

    /** The successor comes while the one before still runs. */
    private void installed(Bundle bundle) {
        Snapshot now = new Snapshot(engine.status());
        synchronized (this) {
            before.put(file(bundle), now);
        }
    }

    /** Its components are gone, lanes have let go. A successor that fails to start stops, too: it is not the one that was replaced. */
    private void stopped(Bundle bundle) {
        Snapshot now = new Snapshot(engine.status());
        synchronized (this) {
            String file = file(bundle);
            Set<ComponentId> ids = Set.copyOf(components.getOrDefault(bundle, Set.of()));
            stopped.putIfAbsent(file, new Stopped(file, bundle, bundle.getVersion().toString(), ids,
                    Optional.ofNullable(before.remove(file)).orElse(now), now));
        }
    }

    private synchronized void uninstalled(Bundle bundle) {
        components.remove(bundle);
        before.remove(file(bundle));
    }

    private void started(Bundle bundle) {
        Snapshot now = new Snapshot(engine.status());
        Stopped old;
        synchronized (this) {
            before.remove(file(bundle));
            old = stopped.remove(file(bundle));
        }
        if (old != null && !looks.isShutdown()) {
            boolean isBack = bundle.equals(old.bundle()) && bundle.getVersion().toString().equals(old.version());
            look(old, bundle, isBack, now);
        }
    }

    /** Reads until all is well, or for long enough; the report is there from the first look on. */
    private void look(Stopped old, Bundle running, boolean isBack, Snapshot started) {
        Snapshot now = new Snapshot(engine.status());
        boolean isSettled = isSettled(old, now);
        List<LaneSwap> lanes = new ArrayList<>();
        for (String name : lanes(old)) {
            Optional<LaneStatus> then = old.then().lane(name);
            Optional<LaneStatus> after = now.lane(name);
            if (then.isPresent() && after.isPresent()) {
                lanes.add(LaneSwap.between(old.before().lane(name).orElse(then.get()), then.get(), old.then().at(),
                        started.lane(name).orElse(then.get()), after.get()));
            }
        }
        List<TransportSwap> transports = old.ids().stream().filter(id -> id.kind() == Kind.TRANSPORT)
                .flatMap(id -> now.transport(id).stream()).map(status -> TransportSwap.between(old.before(), old.then(), now, status)).toList();
        keep(new PluginSwapReport(old.file(), running.getSymbolicName(), old.version(), running.getVersion().toString(), isBack,
                old.then().at(), Duration.between(old.then().at(), started.at()), isSettled, lanes, transports));
        if (!isSettled && Duration.between(started.at(), now.at()).compareTo(PATIENCE) < 0 && !looks.isShutdown()) {
            looks.schedule(() -> look(old, running, isBack, started), LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void keep(PluginSwapReport report) {
        reports.put(report.file(), report);
        if (reports.size() > MOST_REPORTS) {
            reports.remove(reports().get(0).file());
        }
    }

    private List<String> lanes(Stopped old) {
        return old.ids().stream().filter(id -> id.kind() == Kind.BACKEND).flatMap(id -> engine.lane(id.name()).stream()).map(Lane::name)
                .distinct().sorted().toList();
    }

    private boolean isSettled(Stopped old, Snapshot now) {
        boolean lanesAre = lanes(old).stream().flatMap(name -> now.lane(name).stream()).allMatch(lane -> isSettled(lane, old.then().at()));
        return lanesAre && old.ids().stream().filter(id -> id.kind() == Kind.TRANSPORT).flatMap(id -> now.transport(id).stream())
                .map(TransportStatus::state).noneMatch(state -> state.equals("WAITING") || state.equals("STARTING") || state.equals("STOPPING"));
    }

    private static boolean isSettled(LaneStatus lane, Instant since) {
        if (lane.state() == LaneState.FAILED || lane.state() == LaneState.PAUSED) {
            return true;
        }
        boolean delivers = lane.lastSwap().filter(swap -> !swap.firstDelivery().isBefore(since)).isPresent();
        return lane.state() == LaneState.OK && (delivers || lane.lagEntries() == 0);
    }

    private static boolean isPlugin(Bundle bundle) {
        return bundle.getLocation().startsWith(LOCATION_PREFIX) && bundle.getLocation().lastIndexOf('#') > 0;
    }

    private static String file(Bundle bundle) {
        return bundle.getLocation().substring(LOCATION_PREFIX.length(), bundle.getLocation().lastIndexOf('#'));
    }
}
