package io.monitoringhub.runtime.plugins;

import io.monitoringhub.runtime.config.PluginsSection;
import io.monitoringhub.runtime.config.PluginsSection.Verify;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
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

    /** A system property by which the launcher knows that the framework won't stop: names of plugins. */
    private static final String HANGING = "hub.plugins.hanging";
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
    private final PluginRules rules;
    private final Clock clock = Clock.systemUTC();
    private final SignatureRule signatures = new SignatureRule(clock);
    private final BundleLifecycle lifecycle = new BundleLifecycle();
    private final PluginSwap swap;
    private final RefusalCounters refusals = new RefusalCounters();
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final AtomicBoolean retryScheduled = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor retries = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "hub-plugins-retry"));
    private final BundleListener bundlesChanged = this::bundleChanged;
    private final Runnable rulesChanged = () -> later(this::judgeAgain);

    @Activate
    public PluginInstaller(BundleContext context, @Reference ComponentStates components, @Reference PluginRules rules) throws IOException {
        this.context = context;
        this.components = components;
        this.rules = rules;
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        this.swap = new PluginSwap(context, wiring, components, lifecycle);
        this.plugins = Path.of(context.getProperty("hub.plugins"));
        Path run = Path.of(context.getProperty("hub.data")).resolve("run");
        this.incoming = run.resolve("incoming");
        this.goodCopies = new GoodCopies(run.resolve("good"));
        goodCopies.forgetAllBut(plugins);
        this.firstLook = new FirstLook(plugins, this::isPlugin);
        Arrays.stream(context.getBundles()).filter(PluginLocation::isOurs).forEach(this::adopt);
        context.addBundleListener(bundlesChanged);
        rules.onChange(rulesChanged);
        if (!slots.isEmpty()) {
            later(this::judgeAgain);
        }
    }

    @Deactivate
    public void stop() throws InterruptedException {
        rules.forget(rulesChanged);
        context.removeBundleListener(bundlesChanged);
        lifecycle.hanging().ifPresent(names -> System.setProperty(HANGING, names));
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
        firstLook.ahead().forEach(this::judge);
        if (!firstLook.wasAhead(file.toPath())) {
            judge(file.toPath());
        }
    }

    private void judge(Path file) {
        try {
            if (Files.exists(file)) {
                offer(file);
            }
        } finally {
            firstLook.seen(file.getFileName().toString());
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
    public CompletionStage<Void> prefer(Collection<String> files) {
        return firstLook.prefer(files);
    }

    @Override
    public List<Plugin> plugins() {
        PluginView view = new PluginView(wiring, components, rules.requireSignatures());
        Stream<Slot> toCome = firstLook.waiting().filter(file -> !slots.containsKey(file)).map(this::newSlot);
        return Stream.concat(slots.values().stream(), toCome).map(view::of).sorted(Comparator.comparing(Plugin::file)).toList();
    }

    private Slot newSlot(String file) {
        return new Slot(file, clock.instant());
    }

    @Override
    public RefusalCounters refusals() {
        return refusals;
    }

    private void offer(Path file) {
        if (rules.letNobodyIn()) {
            LOG.debug("plugin {}: the hub ends, which could not start", file.getFileName());
            return;
        }
        synchronized (lock) {
            Slot slot = slots.computeIfAbsent(file.getFileName().toString(), this::newSlot);
            if (slot.bundle != null && slot.bundle.getState() == Bundle.UNINSTALLED) {
                slot.runsNothing();
            }
            try {
                takeCopy(slot, file);
            } catch (RefusedException e) {
                refuse(slot, e);
            } catch (IOException e) {
                refuse(slot, new RefusedException(Refusal.CONTENT, "cannot be copied (" + e + ")"));
            } catch (RuntimeException fault) { // File Install would blame, and forget, the file that it happens to offer
                LOG.error("plugin {}: a fault of the hub, please report it with the jar", slot.file, fault);
                refuse(slot, new RefusedException(Refusal.CONTENT, "cannot be judged (" + fault + ")"));
            }
        }
    }

    private void takeCopy(Slot slot, Path file) throws RefusedException, IOException {
        Path staged = incoming.resolve(slot.file);
        Optional<FileStamp> original = FileStamp.of(file).filter(stamp -> stamp.isSettled(clock.instant()));
        Optional<PluginJar> untouched = original.flatMap(stamp -> goodCopies.untouched(slot.file, stamp));
        PluginJar candidate = untouched.isPresent() ? untouched.get() : PluginJar.stage(file, staged, goodCopies.find(slot.file));
        try {
            if (slot.runs(candidate)) {
                LOG.debug("{}: content as before", slot.file);
            } else {
                boolean isGood = take(slot, candidate);
                if (isGood && untouched.isEmpty() && original.isPresent()) {
                    goodCopies.note(slot.file, candidate, original.get());
                }
                scheduleRetry();
            }
            slot.become(Plugin.State.ACTIVE, "", clock.instant());
        } finally {
            Files.deleteIfExists(staged);
        }
    }

    /** @return whether a copy of it is kept */
    private boolean take(Slot slot, PluginJar candidate) throws RefusedException, IOException {
        PluginsSection terms = rules.current();
        Optional<String> problem = signatures.problem(candidate.path(), terms);
        if (problem.isPresent() && terms.verify() == Verify.REQUIRE) {
            throw new RefusedException(Refusal.SIGNATURE, problem.get());
        }
        boolean hasStandIn = slot.bundle == null && !candidate.isKnown() && goodCopies.find(slot.file).isPresent();
        swap.swap(slot, candidate, problem.orElse(""), terms.startLimit(), hasStandIn);
        problem.ifPresent(text -> {
            refusals.countUnverified();
            LOG.warn("plugin {} runs although its signature is not good: {}", slot.file, text);
        });
        boolean isGood = components.lost(Map.of(), slot.bundle).isEmpty();
        if (isGood) {
            goodCopies.keep(slot.file, candidate);
        }
        return isGood;
    }

    private void refuse(Slot slot, RefusedException refused) {
        boolean hadVersion = slot.bundle != null;
        boolean repeated = slot.isRefusedFor(refused.getMessage());
        if (!hadVersion) {
            startGoodCopy(slot, refused);
        }
        slot.refusal = Optional.of(refused.refusal());
        boolean wasTried = switch (refused.refusal()) {
            case START, START_LIMIT, COMPONENT -> hadVersion;
            default -> false;
        };
        Plugin.State state = slot.bundle == null ? Plugin.State.REFUSED : wasTried ? Plugin.State.ROLLED_BACK : Plugin.State.KEPT;
        slot.become(state, refused.getMessage(), clock.instant());
        if (repeated) {
            LOG.debug("plugin {} refused again: {}", slot.file, refused.getMessage());
            return;
        }
        refusals.count(refused.refusal());
        LOG.warn("plugin {} refused, {}: {}", slot.file, slot.bundle == null ? "nothing runs in its place"
                : PluginSwap.name(slot.bundle) + " goes on", refused.getMessage());
    }

    /** After a restart nothing runs yet: what worked last stands in for the file that does not. */
    private void startGoodCopy(Slot slot, RefusedException refused) {
        Optional<Path> copy = goodCopies.find(slot.file);
        if (copy.isEmpty()) {
            return;
        }
        try {
            PluginJar good = PluginJar.stage(copy.get(), incoming.resolve(slot.file)).asKnown();
            try {
                take(slot, good);
            } finally {
                Files.deleteIfExists(good.path());
            }
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
        Bundle bundle = slot.bundle;
        String name = bundle == null ? "" : PluginSwap.name(bundle);
        try {
            swap.dispose(bundle, rules.current().startLimit());
        } catch (RefusedException unknown) {
            LOG.warn("plugin {}: {}", slot.file, unknown.getMessage());
        }
        LOG.info("plugin {}: {} removed", slot.file, bundle == null ? "it had not been running and is" : name);
    }

    /** Not one that hangs in its start or stop: it is nobody's. */
    private void adopt(Bundle bundle) {
        if (bundle.getState() == Bundle.STARTING || bundle.getState() == Bundle.STOPPING) {
            return;
        }
        PluginLocation location = PluginLocation.of(bundle);
        Slot slot = newSlot(location.file());
        slot.runs(bundle, location.sha256(), "");
        slot.become(Plugin.State.ACTIVE, "", clock.instant());
        slots.put(slot.file, slot);
    }

    private void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        if (PluginLocation.isOurs(bundle)) {
            switch (event.getType()) {
                case BundleEvent.STOPPED, BundleEvent.STARTED, BundleEvent.UNRESOLVED -> slotOf(bundle).ifPresent(slot -> slot.changed = clock.instant());
                case BundleEvent.UPDATED, BundleEvent.UNINSTALLED -> later(() -> changedByHand(bundle));
                default -> LOG.trace("{}: event {}", bundle, event.getType());
            }
        } else if (event.getType() == BundleEvent.RESOLVED || event.getType() == BundleEvent.UNINSTALLED) {
            scheduleRetry();
        }
    }

    private Optional<Slot> slotOf(Bundle bundle) {
        return slots.values().stream().filter(slot -> slot.bundle == bundle).findFirst();
    }

    /** In the shell, as far as we know: what was done here has left the slot before. */
    private void changedByHand(Bundle bundle) {
        synchronized (lock) {
            slotOf(bundle).ifPresent(slot -> {
                boolean isGone = bundle.getState() == Bundle.UNINSTALLED;
                LOG.info("plugin {}: {} was {} by hand", slot.file, PluginSwap.name(bundle), isGone ? "uninstalled" : "updated");
                if (isGone) {
                    slot.runsNothing();
                    slot.become(Plugin.State.STOPPED, "uninstalled by hand; touch the file and it is installed again", clock.instant());
                    scheduleRetry();
                } else {
                    slot.runs(bundle, "", "");
                    slot.become(Plugin.State.ACTIVE, "updated by hand; the file is looked at again when it changes, or at the next start",
                            clock.instant());
                }
            });
        }
    }

    private void scheduleRetry() {
        boolean wanted = slots.values().stream().anyMatch(slot -> slot.isRetryable() || slot.lostWhatItNeeds());
        if (wanted && !retries.isShutdown() && retryScheduled.compareAndSet(false, true)) {
            retries.schedule(this::retryRefused, RETRY_DELAY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void later(Runnable task) {
        if (!retries.isShutdown()) {
            retries.execute(task);
        }
    }

    private void retryRefused() {
        retryScheduled.set(false);
        offerAgain(Slot::isRetryable);
        slots.values().stream().filter(Slot::lostWhatItNeeds).forEach(slot -> {
            synchronized (lock) {
                try {
                    swap.startAgain(slot, rules.current().startLimit());
                } catch (RefusedException e) {
                    refuse(slot, e);
                }
            }
        });
    }

    private void offerAgain(Predicate<Slot> which) {
        slots.values().stream().filter(which).map(slot -> plugins.resolve(slot.file)).filter(Files::exists).forEach(this::offer);
    }

    /** Under other terms refused jars may pass. What runs goes on, and is marked if it would not pass now. */
    private void judgeAgain() {
        for (Slot slot : slots.values()) {
            synchronized (lock) {
                if (slot.bundle != null) {
                    slot.signature = signatureOf(slot);
                }
            }
        }
        offerAgain(slot -> slot.refusal.stream().anyMatch(Refusal.SIGNATURE::equals));
    }

    private String signatureOf(Slot slot) {
        try {
            PluginsSection terms = rules.current();
            for (Path place : List.of(goodCopies.path(slot.file), plugins.resolve(slot.file))) {
                if (terms.verify() != Verify.OFF && Files.exists(place) && PluginJar.digest(place).equals(slot.sha256)) {
                    return signatures.problem(place, terms).orElse("");
                }
            }
            return terms.verify() == Verify.OFF ? "" : "signature: the jar that it came from is not there any more";
        } catch (RefusedException | IOException e) {
            return "signature: cannot be looked at (" + e.getMessage() + ")";
        }
    }
}
