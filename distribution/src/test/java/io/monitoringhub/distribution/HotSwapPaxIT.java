package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import io.monitoringhub.launcher.LauncherSettings;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/**
 * The hub's bundles, as they lie in the tarball, in a Felix within the test's process; there one can see what a packaged hub does not
 * show: which component instance serves, and whether an old version's class loader and threads are gone.
 *
 * <p>{@link #configuration} runs outside the framework and the tests inside, in another class loader: what one tells the other goes through
 * framework properties.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HotSwapPaxIT {

    private static final int RATE = 20_000;
    /** Further ones without load; 1,000 with {@code -Dhub.swaps=1000}. */
    private static final int SWAPS = Integer.getInteger("hub.swaps", 100);
    private static final int UNTIL_WARM = 20;
    private static final long ALLOWED_GROWTH = 4L << 20;
    private static final int PLUGIN_LEVEL = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String BACKEND = "io.monitoringhub.backend-filesystem";
    private static final String HUB_COMPONENT = "io.monitoringhub.runtime.engine.HubComponent";
    private static final String LANE_THREAD = "hub-backend-filesystem-archive";
    private static final String PORT = "test.port";
    /** Chosen by Pax Exam, or meaningless here. */
    private static final Set<String> NOT_TAKEN = Set.of(Constants.FRAMEWORK_STORAGE, Constants.FRAMEWORK_STORAGE_CLEAN,
            Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "felix.log.logger", "felix.log.level");

    @Inject
    private BundleContext context;

    private final List<WeakReference<ClassLoader>> oldLoaders = new ArrayList<>();

    @Configuration
    public static Option[] configuration() throws Exception {
        Path folder = Files.createTempDirectory("hub-pax-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        Path home = PackagedHub.unpackInto(folder).home();
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(data.resolve("run"));
        int port = TestConfiguration.freePort();
        Path conf = Files.writeString(folder.resolve("hub.yaml"), """
                transports: { tcp: { port: %d } }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(port));
        // An empty folder for File Install: here the test itself is the operator of the plugins.
        Map<String, Object> settings = LauncherSettings.of(home, conf, data, Files.createDirectories(folder.resolve("plugins")));

        List<Option> options = new ArrayList<>();
        settings.forEach((key, value) -> {
            if (!NOT_TAKEN.contains(key)) {
                options.add(frameworkProperty(key).value(value));
            }
        });
        options.add(frameworkProperty(PORT).value(Integer.toString(port)));
        options.add(frameworkStartLevel(Integer.parseInt((String) settings.get(Constants.FRAMEWORK_BEGINNING_STARTLEVEL))));
        options.add(systemPackages(settings.get(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA).toString(), "org.assertj.core.api",
                "io.monitoringhub.benchmarks.load", "io.monitoringhub.benchmarks.verify"));
        try (Stream<Path> jars = Files.walk(home.resolve("bundles"))) {
            jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().forEach(jar -> options.add(bundle("reference:" + jar.toUri())
                    .startLevel(Integer.parseInt(jar.getParent().getFileName().toString()))));
        }
        return options.toArray(Option[]::new);
    }

    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("cannot delete " + folder + ": " + e);
        }
    }

    @Test
    public void theBackendsBundleIsUpdatedStoppedAndInstalledAnewUnderLoad() throws Exception {
        // As in the packaged hub: at a low start level, but only when the runtime is there.
        install(home().resolve("plugins/transport-tcp.jar"));
        install(home().resolve("plugins/backend-filesystem.jar"));
        await("the hub takes messages", () -> Files.exists(Path.of(context.getProperty("hub.ready.file"))) && lanes().contains(" OK "));
        Object hub = hubComponent();
        long configuration = hubConfiguration().id;
        Path original = home().resolve("plugins/backend-filesystem.jar");
        LoadReport sent;
        try (LoadRun load = load().start()) {
            awaitSent(load, RATE);
            updateTenTimes(load, original);
            stopAndStart(load);
            uninstallAndInstall(load, original);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.isClean()).as("%s", sent.problems()).isTrue();
        assertThat(sent.reconnects()).as("the sender noticed nothing").isZero();
        awaitLines(sent.sent());
        VerificationReport found = new Verifier(events()).sent(sent.sentByConnection()).verify();
        assertThat(found.isClean()).as("%s%n%s", found, lanes()).isTrue();

        assertThat(hubComponent()).as("the same instance of the hub's component").isSameAs(hub);
        assertThat(hubConfiguration()).satisfies(now -> {
            assertThat(now.state).isEqualTo(ComponentConfigurationDTO.ACTIVE);
            assertThat(now.id).as("never deactivated").isEqualTo(configuration);
        });
        await("the backend's lane has one thread", () -> laneThreads().size() == 1);
        assertOldVersionsAreGone(11);
        class16_hundredsOfSwapsLeaveNothingBehind(original);
    }

    /** In this framework, after the swaps under load: another test would have to bring the hub into the same state. */
    private void class16_hundredsOfSwapsLeaveNothingBehind(Path original) throws Exception {
        swap(original, "2.0.", UNTIL_WARM);
        long before = usedBytes();
        int threads = Thread.activeCount();
        swap(original, "3.0.", SWAPS);
        assertOldVersionsAreGone(11 + UNTIL_WARM + SWAPS);
        await("no more than " + before + " bytes and a little are alive after " + SWAPS + " swaps", () -> usedBytes() < before + ALLOWED_GROWTH);
        await("the backend's lane has one thread", () -> laneThreads().size() == 1);
        await("threads that come and go have gone", () -> Thread.activeCount() <= threads + 2);
    }

    private void swap(Path original, String version, int times) throws Exception {
        Path next = Files.createTempFile("backend-", ".jar");
        for (int i = 0; i < times; i++) {
            remember(backend());
            try (InputStream jar = Files.newInputStream(LoadedHub.withVersion(original, version + i, next))) {
                backend().update(jar);
            }
            await("it is served", () -> lanes().contains(" OK "));
        }
        Files.delete(next);
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void updateTenTimes(LoadRun load, Path original) throws Exception {
        Bundle bundle = backend();
        Path next = Files.createTempFile("backend-", ".jar");
        for (int round = 1; round <= 10; round++) {
            remember(bundle);
            String version = "1." + round + ".0";
            try (InputStream jar = Files.newInputStream(LoadedHub.withVersion(original, version, next))) {
                bundle.update(jar);
            }
            assertThat(bundle.getVersion()).hasToString(version);
            assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
            awaitLines(load.sent());
        }
        Files.delete(next);
    }

    private void stopAndStart(LoadRun load) throws Exception {
        Bundle bundle = backend();
        bundle.stop();
        assertThat(lanes()).contains("waiting for a bundle that provides backend type filesystem");
        await("its thread is gone", () -> laneThreads().isEmpty());
        long before = new FileProgress(events()).count();
        awaitSent(load, load.sent() + 3L * RATE);
        assertThat(new FileProgress(events()).count()).as("lines while nobody writes").isEqualTo(before);
        bundle.start();
        awaitLines(load.sent());
    }

    private void uninstallAndInstall(LoadRun load, Path jar) throws Exception {
        Bundle bundle = backend();
        remember(bundle);
        bundle.uninstall();
        awaitSent(load, load.sent() + RATE);
        assertThat(install(jar).getBundleId()).isNotEqualTo(bundle.getBundleId());
        awaitLines(load.sent());
    }

    private Bundle install(Path jar) throws BundleException {
        Bundle bundle = context.installBundle("reference:" + jar.toUri());
        bundle.adapt(BundleStartLevel.class).setStartLevel(PLUGIN_LEVEL);
        bundle.start();
        return bundle;
    }

    private void remember(Bundle bundle) {
        oldLoaders.add(new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader()));
    }

    private void assertOldVersionsAreGone(int count) throws Exception {
        assertThat(oldLoaders).hasSize(count);
        await("no class loader of an old version is left", () -> {
            System.gc();
            return oldLoaders.stream().allMatch(loader -> loader.get() == null);
        });
    }

    private LoadGenerator load() {
        return LoadGenerator.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(context.getProperty(PORT))))
                .connections(4).rate(RATE).messages(0).build();
    }

    private void awaitSent(LoadRun load, long count) throws Exception {
        await(count + " messages are sent", () -> load.sent() >= count || !load.isRunning());
        if (!load.isRunning()) {
            throw new AssertionError("the sender ended: " + load.await().problems());
        }
    }

    private void awaitLines(long lines) throws Exception {
        FileProgress progress = new FileProgress(events());
        await(lines + " lines are in the files", () -> progress.count() >= lines);
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what + "\n" + lanes() + "\n"
                        + Arrays.toString(context.getBundles()) + "\nsee target/pax-exam/hub.log");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private Path home() {
        return Path.of(context.getProperty("hub.home"));
    }

    private Path events() {
        return Path.of(context.getProperty("hub.data"), "events");
    }

    private Bundle backend() {
        return Stream.of(context.getBundles()).filter(bundle -> BACKEND.equals(bundle.getSymbolicName())).findFirst().orElseThrow();
    }

    /** Its class is visible to nobody, which is as it should be; the object is enough. */
    private Object hubComponent() {
        return context.getService(context.getServiceReference(HUB_COMPONENT));
    }

    private ComponentConfigurationDTO hubConfiguration() {
        ServiceReference<ServiceComponentRuntime> reference = context.getServiceReference(ServiceComponentRuntime.class);
        ServiceComponentRuntime runtime = context.getService(reference);
        return runtime.getComponentDescriptionDTOs().stream().filter(description -> description.name.equals(HUB_COMPONENT))
                .flatMap(description -> runtime.getComponentConfigurationDTOs(description).stream()).findFirst().orElseThrow();
    }

    private static List<String> laneThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(Thread::isAlive).map(Thread::getName)
                .filter(name -> name.startsWith(LANE_THREAD)).toList();
    }

    private String lanes() throws Exception {
        CommandProcessor processor = context.getService(context.getServiceReference(CommandProcessor.class));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (CommandSession session = processor.createSession(InputStream.nullInputStream(), output, output)) {
            session.execute("hub:lanes");
        }
        return output.toString(StandardCharsets.UTF_8);
    }
}
