package io.monitoringhub.runtime.plugins;

import io.monitoringhub.runtime.plugins.RefusedException.Remedy;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jars from File Install, in place of its own handler, which stops what runs before it knows whether the new jar is any good. See
 * the package description for the procedure.
 *
 * <p>File Install is never told of a refusal: it would forget the file. What was refused because of other bundles is tried again when
 * bundles come or go.
 *
 * <p>Thread-safe.
 */
@Component(service = {ArtifactInstaller.class, PluginCatalog.class}, immediate = true)
public final class PluginInstaller implements ArtifactInstaller, PluginCatalog {

    /** Marks our bundles; followed by the file name, '#', and the SHA-256. */
    private static final String LOCATION_PREFIX = "plugin:";
    private static final long RETRY_DELAY_MS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(PluginInstaller.class);

    private final Object lock = new Object();
    private final BundleContext context;
    private final ComponentStates components;
    private final FrameworkWiring wiring;
    private final Path plugins;
    private final Path incoming;
    private final GoodCopies goodCopies;
    private final FirstLook firstLook;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final AtomicBoolean retryScheduled = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor retries =
            new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "hub-plugins-retry"));
    private final BundleListener othersChanged = this::bundleChanged;

    @Activate
    public PluginInstaller(BundleContext context, @Reference ComponentStates components) throws IOException {
        this.context = context;
        this.components = components;
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        this.plugins = Path.of(context.getProperty("hub.plugins"));
        Path run = Path.of(context.getProperty("hub.data")).resolve("run");
        this.incoming = run.resolve("incoming");
        this.goodCopies = new GoodCopies(run.resolve("good"));
        goodCopies.forgetAllBut(plugins);
        this.firstLook = new FirstLook(plugins, this::isPlugin);
        Arrays.stream(context.getBundles()).forEach(this::adopt);
        context.addBundleListener(othersChanged);
    }

    @Deactivate
    public void stop() throws InterruptedException {
        context.removeBundleListener(othersChanged);
        retries.shutdownNow();
        retries.awaitTermination(1, TimeUnit.SECONDS);
    }

    @Override
    public boolean canHandle(File file) {
        return isPlugin(file.toPath());
    }

    private boolean isPlugin(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".jar") && !name.startsWith(".") && file.getParent().equals(plugins);
    }

    @Override
    public void install(File file) {
        try {
            offer(file.toPath());
        } finally {
            firstLook.seen(file.getName());
        }
    }

    @Override
    public void update(File file) {
        offer(file.toPath());
    }

    @Override
    public void uninstall(File file) {
        synchronized (lock) {
            Slot slot = slots.remove(file.getName());
            if (slot != null) {
                remove(slot);
                scheduleRetry();
            }
        }
        firstLook.seen(file.getName());
    }

    @Override
    public CompletionStage<Void> firstLook() {
        return firstLook.done();
    }

    @Override
    public List<Plugin> plugins() {
        return slots.values().stream().map(Slot::view).map(this::withComponents)
                .sorted(Comparator.comparing(Plugin::file)).toList();
    }

    private void offer(Path file) {
        synchronized (lock) {
            Slot slot = slots.computeIfAbsent(file.getFileName().toString(), Slot::new);
            try {
                PluginJar candidate = PluginJar.stage(file, incoming.resolve(slot.file));
                try {
                    take(slot, candidate);
                } finally {
                    Files.deleteIfExists(candidate.path());
                }
            } catch (RefusedException e) {
                refuse(slot, e);
            } catch (IOException e) {
                refuse(slot, new RefusedException(Remedy.NEW_CONTENT, "cannot be copied (" + e + ")"));
            }
        }
    }

    private void take(Slot slot, PluginJar candidate) throws RefusedException, IOException {
        if (slot.runs(candidate)) {
            LOG.debug("{}: content as before", slot.file);
            slot.become(Plugin.State.ACTIVE, "", clock.instant());
            return;
        }
        requireUnique(slot, candidate);
        if (swap(slot, candidate)) {
            goodCopies.keep(slot.file, candidate);
            scheduleRetry();
        }
    }

    private void requireUnique(Slot slot, PluginJar candidate) throws RefusedException {
        Optional<Bundle> other = Arrays.stream(context.getBundles())
                .filter(bundle -> candidate.symbolicName().equals(bundle.getSymbolicName()))
                .filter(bundle -> bundle != slot.bundle)
                .findFirst();
        if (other.isPresent()) {
            throw new RefusedException(Remedy.OTHER_BUNDLES, candidate.symbolicName() + " is already installed from "
                    + fileOf(other.get()) + ": remove one of the two");
        }
    }

    /** Installs and resolves beside the running bundle, then changes over; false if the change was taken back. */
    private boolean swap(Slot slot, PluginJar candidate) throws RefusedException, IOException {
        Bundle fresh = installResolved(slot, candidate);
        Bundle old = slot.bundle;
        long begin = System.nanoTime();
        stopQuietly(old);
        try {
            fresh.start();
        } catch (BundleException e) {
            uninstallQuietly(fresh);
            rollBack(slot, candidate, e, begin);
            return false;
        }
        long pauseMs = (System.nanoTime() - begin) / 1_000_000;
        slot.bundle = fresh;
        slot.sha256 = candidate.sha256();
        slot.become(Plugin.State.ACTIVE, "", clock.instant());
        reportStart(slot, old, fresh, pauseMs);
        dispose(old);
        return true;
    }

    private Bundle installResolved(Slot slot, PluginJar candidate) throws RefusedException, IOException {
        Bundle fresh;
        try (InputStream in = candidate.open()) {
            fresh = context.installBundle(LOCATION_PREFIX + slot.file + "#" + candidate.sha256(), in);
        } catch (BundleException e) {
            throw new RefusedException(Remedy.NEW_CONTENT, "not a valid bundle (" + e.getMessage() + ")");
        }
        if (!wiring.resolveBundles(List.of(fresh))) {
            String reason = new Requirements(wiring).whyUnresolved(fresh);
            uninstallQuietly(fresh);
            throw new RefusedException(Remedy.OTHER_BUNDLES, candidate.symbolicName() + " " + candidate.version() + ": " + reason);
        }
        return fresh;
    }

    private void rollBack(Slot slot, PluginJar candidate, BundleException failure, long begin) throws RefusedException {
        String what = candidate.symbolicName() + " " + candidate.version() + " does not start (" + rootMessage(failure) + ")";
        if (slot.bundle == null) {
            LOG.error("plugin {}: {}", slot.file, what, failure);
            throw new RefusedException(Remedy.NEW_CONTENT, what);
        }
        try {
            slot.bundle.start();
        } catch (BundleException e) {
            LOG.error("plugin {}: {}, and {} does not start again", slot.file, what, name(slot.bundle), e);
            dispose(slot.bundle);
            slot.bundle = null;
            slot.sha256 = "";
            throw new RefusedException(Remedy.NEW_CONTENT, what + "; nor does the version before it");
        }
        slot.become(Plugin.State.ROLLED_BACK, what, clock.instant());
        LOG.error("plugin {}: {}; {} runs again after {} ms", slot.file, what, name(slot.bundle),
                (System.nanoTime() - begin) / 1_000_000, failure);
    }

    private void reportStart(Slot slot, Bundle old, Bundle fresh, long pauseMs) {
        if (old == null) {
            LOG.info("plugin {}: {} started", slot.file, name(fresh));
        } else {
            LOG.info("plugin {}: {} replaced by {}, pause {} ms", slot.file, name(old), name(fresh), pauseMs);
        }
        components.problems(fresh).forEach(problem -> LOG.warn("plugin {}: {}", slot.file, problem));
    }

    private void refuse(Slot slot, RefusedException refusal) {
        slot.retryable = refusal.remedy() == Remedy.OTHER_BUNDLES;
        boolean repeated = slot.isRefusedFor(refusal.getMessage());
        if (slot.bundle == null) {
            startGoodCopy(slot);
        }
        boolean previousRuns = slot.bundle != null;
        slot.become(previousRuns ? Plugin.State.KEPT : Plugin.State.REFUSED, refusal.getMessage(), clock.instant());
        if (repeated) {
            LOG.debug("plugin {} refused again: {}", slot.file, refusal.getMessage());
        } else if (previousRuns) {
            LOG.warn("plugin {} refused, {} goes on: {}", slot.file, name(slot.bundle), refusal.getMessage());
        } else {
            LOG.warn("plugin {} refused: {}", slot.file, refusal.getMessage());
        }
    }

    /** After a restart nothing runs yet: what worked last stands in for the file that does not. */
    private void startGoodCopy(Slot slot) {
        Optional<Path> copy = goodCopies.find(slot.file);
        if (copy.isEmpty()) {
            return;
        }
        try {
            PluginJar good = PluginJar.stage(copy.get(), incoming.resolve(slot.file));
            requireUnique(slot, good);
            swap(slot, good);
            Files.deleteIfExists(good.path());
        } catch (RefusedException | IOException e) {
            LOG.warn("plugin {}: the last good copy can't be used either: {}", slot.file, e.getMessage());
        }
    }

    private void remove(Slot slot) {
        try {
            goodCopies.forget(slot.file);
        } catch (IOException e) {
            LOG.warn("plugin {}: cannot delete its copy in run/good", slot.file, e);
        }
        if (slot.bundle != null) {
            String name = name(slot.bundle);
            stopQuietly(slot.bundle);
            dispose(slot.bundle);
            LOG.info("plugin {}: {} removed", slot.file, name);
        } else {
            LOG.info("plugin {} removed; it had not been running", slot.file);
        }
    }

    /** Uninstalls, and lets go of those few that were wired to it: plugins should export nothing, libraries may. */
    private void dispose(Bundle bundle) {
        if (bundle == null) {
            return;
        }
        boolean isUsed = wiring.getDependencyClosure(List.of(bundle)).size() > 1;
        uninstallQuietly(bundle);
        if (isUsed) {
            wiring.refreshBundles(List.of(bundle));
        }
    }

    private static void stopQuietly(Bundle bundle) {
        if (bundle == null) {
            return;
        }
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException e) {
            LOG.warn("{} did not stop cleanly", name(bundle), e);
        }
    }

    private static void uninstallQuietly(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            LOG.warn("{} was not uninstalled cleanly", name(bundle), e);
        }
    }

    private void adopt(Bundle bundle) {
        String location = bundle.getLocation();
        int hash = location.lastIndexOf('#');
        if (location.startsWith(LOCATION_PREFIX) && hash > 0) {
            Slot slot = new Slot(fileOf(bundle));
            slot.bundle = bundle;
            slot.sha256 = location.substring(hash + 1);
            slot.become(Plugin.State.ACTIVE, "", clock.instant());
            slots.put(slot.file, slot);
        }
    }

    private void bundleChanged(BundleEvent event) {
        boolean ours = event.getBundle().getLocation().startsWith(LOCATION_PREFIX);
        if (!ours && (event.getType() == BundleEvent.RESOLVED || event.getType() == BundleEvent.UNINSTALLED)) {
            scheduleRetry();
        }
    }

    private void scheduleRetry() {
        boolean wanted = slots.values().stream().anyMatch(slot -> slot.retryable || slot.lostWhatItNeeds());
        if (wanted && !retries.isShutdown() && retryScheduled.compareAndSet(false, true)) {
            retries.schedule(this::retryRefused, RETRY_DELAY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void retryRefused() {
        retryScheduled.set(false);
        slots.values().stream().filter(slot -> slot.retryable).map(slot -> plugins.resolve(slot.file))
                .filter(Files::exists).forEach(this::offer);
        slots.values().stream().filter(Slot::lostWhatItNeeds).forEach(this::startAgain);
    }

    /** A bundle whose library was removed was stopped with it; the library may be back. */
    private void startAgain(Slot slot) {
        synchronized (lock) {
            Bundle bundle = slot.bundle;
            if (slot.lostWhatItNeeds() && wiring.resolveBundles(List.of(bundle))) {
                try {
                    bundle.start();
                    LOG.info("plugin {}: {} has what it needs again and runs", slot.file, name(bundle));
                } catch (BundleException e) {
                    LOG.error("plugin {}: {} does not start again", slot.file, name(bundle), e);
                }
            }
        }
    }

    private Plugin withComponents(Plugin plugin) {
        Slot slot = slots.get(plugin.file());
        Bundle bundle = slot == null ? null : slot.bundle;
        if (bundle == null || plugin.state() != Plugin.State.ACTIVE) {
            return plugin;
        }
        if (slot.lostWhatItNeeds()) {
            return with(plugin, Plugin.State.STOPPED, new Requirements(wiring).whyUnresolved(bundle));
        }
        if (bundle.getState() != Bundle.ACTIVE) {
            return with(plugin, Plugin.State.STOPPED, "");
        }
        List<String> problems = components.problems(bundle);
        return problems.isEmpty() ? plugin : with(plugin, Plugin.State.DEGRADED, String.join("; ", problems));
    }

    private static Plugin with(Plugin plugin, Plugin.State state, String detail) {
        return new Plugin(plugin.file(), plugin.name(), plugin.version(), state, detail, plugin.since());
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }

    private static String fileOf(Bundle bundle) {
        String location = bundle.getLocation();
        int hash = location.lastIndexOf('#');
        return location.startsWith(LOCATION_PREFIX) && hash > 0 ? location.substring(LOCATION_PREFIX.length(), hash) : location;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
