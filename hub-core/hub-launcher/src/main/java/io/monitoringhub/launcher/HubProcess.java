package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.LogLevels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The hub as a process: lock, framework, bundles, and an orderly end.
 *
 * <h2>How it ends</h2>
 * SIGTERM and SIGINT stop the framework from an ordinary thread: within a JVM shutdown hook libraries could neither register hooks nor
 * rely on each other. Bundles stop from the highest start level down, the runtime drains its lanes meanwhile, and the process exits with
 * 0, as it does after {@code stop 0} in the shell. SIGHUP reads the configuration again. A hook covers only {@code System.exit} called by somebody else.
 *
 * <p>Used by one thread at a time, except for {@link #requestStop}, which any thread may call.
 */
final class HubProcess {

    /** Longer than any orderly drain; what takes longer than this hangs. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(Long.getLong("hub.stop.limit.seconds", 120));

    private static final Duration SLICE = Duration.ofMillis(500);
    /** Others of theirs may still have something to do after those of the hub. */
    private static final Duration PATIENCE_WITH_PLUGINS = Duration.ofSeconds(2);
    /** Says hub-runtime at its end: the plugins that do not come back. */
    private static final String HANGING = "hub.plugins.hanging";
    /** Says hub-runtime when the hub could not start. */
    static final String EXIT_CODE = "hub.exit.code";

    private final HubPaths paths;
    private final String version;
    private final Readiness readiness;
    private final ShellSocket shellSocket;
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private volatile Framework framework;
    private volatile boolean isLeft;
    /** Never given back: that it is free shall mean that the process is gone. */
    private HubLock lock;

    HubProcess(HubPaths paths, String version) {
        this.paths = paths;
        this.version = version;
        this.readiness = new Readiness(paths.readyFile());
        this.shellSocket = new ShellSocket(paths);
    }

    /** What is done once the hub has started; the answer is the exit code. */
    interface Started {
        int run() throws Exception;
    }

    /** Runs the hub until it is told to stop. */
    int run() throws Exception {
        return run(this::awaitEnd);
    }

    /** Starts the hub, does something, stops it; the answer is the exit code of what was done. */
    int runOnly(Started action) throws Exception {
        return run(() -> {
            int code = action.run();
            stopFramework();
            return code;
        });
    }

    /** While the framework runs. */
    void load(StartClasses classes) {
        classes.loadFrom(framework.getBundleContext());
    }

    private int run(Started action) throws Exception {
        long begin = System.nanoTime();
        // Reading its configuration takes the logging library as long as all else up to here takes the framework.
        Thread logging = new Thread(LoggerFactory::getILoggerFactory, "hub-logging-start");
        logging.start();
        requireConfiguration();
        paths.createDirectories();
        lock = HubLock.acquire(paths);
        try {
            Path socket = shellSocket.prepare();
            readiness.clear();
            Files.writeString(paths.pidFile(), ProcessHandle.current().pid() + "\n");
            prepare(socket);
            logging.join();
            Log.LOG.info("Monitoring Hub {} {}: home {}, configuration {}, data {}", version, paths.checked().isPresent() ? "is checked" : "starts",
                    paths.home(), paths.conf(), paths.data());
            start();
            Log.LOG.info("started in {} ms", (System.nanoTime() - begin) / 1_000_000);
            return action.run();
        } finally {
            readiness.clear();
            shellSocket.remove();
            Files.deleteIfExists(paths.pidFile());
        }
    }

    private void requireConfiguration() throws ExitException {
        if (!Files.isReadable(paths.conf())) {
            throw new ExitException(ExitCode.CONFIG, "cannot read the configuration " + paths.conf()
                    + ": set HUB_CONF, or copy it from the distribution's conf folder");
        }
        if (!Files.isDirectory(paths.plugins())) {
            throw new ExitException(ExitCode.CONFIG, "no plugins folder " + paths.plugins() + ": create it, or set HUB_PLUGINS");
        }
    }

    /** All that can be done before anything runs. */
    private void prepare(Path socket) throws ExitException, IOException {
        new FrameworkCache(paths.run()).renew();
        try {
            framework = new FrameworkFactory().newFramework(frameworkSettings(socket));
            framework.init();
            BundleContext context = framework.getBundleContext();
            new BundleFolder(paths.bundles()).installInto(context);
            framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(FrameworkSettings.PLUGIN_LEVEL);
        } catch (BundleException e) {
            throw cannotStart(e);
        }
    }

    private static ExitException cannotStart(BundleException e) {
        Log.LOG.error("cannot start the framework", e);
        return new ExitException(ExitCode.INTERNAL, "cannot start the framework (" + Causes.describe(e) + ")");
    }

    private void start() throws ExitException, IOException {
        endOnSignals();
        BundleContext context = framework.getBundleContext();
        BundleLogService.register(context);
        LogbackLevels.create().ifPresent(levels -> context.registerService(LogLevels.class, levels, null));
        try {
            framework.start();
        } catch (BundleException e) {
            throw cannotStart(e);
        }
        if (!stopRequested.get()) {
            readiness.frameworkStarted(ProcessHandle.current().pid());
        }
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // Felix takes a logger object among the strings that the interface speaks of
    private Map<String, String> frameworkSettings(Path socket) {
        return (Map) FrameworkSettings.of(paths, version, socket);
    }

    private void endOnSignals() {
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> requestStop("SIG" + signal.getName()));
        }
        Signal.handle(new Signal("HUP"), signal -> requestReload());
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopInHook, "hub-exit"));
    }

    /** Begins the orderly end; at most once. */
    private void requestStop(String reason) {
        if (!stopRequested.compareAndSet(false, true)) {
            Log.LOG.info("{} again: already stopping", reason);
            return;
        }
        Log.LOG.info("{}: stopping", reason);
        Thread stopper = new Thread(this::stopFramework, "hub-stop");
        stopper.setDaemon(true);
        stopper.start();
    }

    /** What hub-runtime offers for this; before it is there, there is nothing to read again. */
    private void requestReload() {
        Thread reload = new Thread(() -> {
            BundleContext context = framework.getBundleContext();
            try {
                for (ServiceReference<Runnable> reference : context.getServiceReferences(Runnable.class, "(hub.action=reload)")) {
                    Runnable action = context.getService(reference);
                    if (action != null) {
                        Log.LOG.info("SIGHUP: the configuration is read again");
                        action.run();
                        context.ungetService(reference);
                    }
                }
            } catch (InvalidSyntaxException | IllegalStateException e) {
                Log.LOG.warn("SIGHUP: the configuration cannot be read again now: {}", Causes.describe(e));
            }
        }, "hub-reload");
        reload.setDaemon(true);
        reload.start();
    }

    private void stopFramework() {
        try {
            readiness.clear();
            framework.stop();
            FrameworkEvent end = awaitStop();
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT && isLeft) {
                Log.LOG.error("the hub has stopped; {} hang since they were tried and are left behind", System.getProperty(HANGING));
            } else if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                Log.LOG.error("not stopped after {} s: ending the process; what was not committed will be delivered again. {}",
                        STOP_LIMIT.toSeconds(), ThreadStates.describe());
                Runtime.getRuntime().halt(ExitCode.INTERNAL);
            }
        } catch (BundleException | IOException e) {
            Log.LOG.error("cannot stop the framework", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A plugin that never came back from its start holds up the framework's stop for ever, when everything of the hub's own is done. */
    private FrameworkEvent awaitStop() throws InterruptedException {
        long begin = System.nanoTime();
        FrameworkEvent end = framework.waitForStop(SLICE.toMillis());
        while (end.getType() == FrameworkEvent.WAIT_TIMEDOUT && !isLeft && System.nanoTime() - begin < STOP_LIMIT.toNanos()) {
            boolean onlyPluginsAreLeft = System.getProperty(HANGING) != null && framework.adapt(FrameworkStartLevel.class).getStartLevel()
                    <= FrameworkSettings.PLUGIN_LEVEL;
            end = framework.waitForStop((onlyPluginsAreLeft ? PATIENCE_WITH_PLUGINS : SLICE).toMillis());
            isLeft = onlyPluginsAreLeft && end.getType() == FrameworkEvent.WAIT_TIMEDOUT;
        }
        return end;
    }

    private void stopInHook() {
        if (framework.getState() == Framework.ACTIVE) {
            stopFramework();
        }
    }

    private int awaitEnd() throws InterruptedException {
        FrameworkEvent end = framework.waitForStop(SLICE.toMillis());
        while (end.getType() == FrameworkEvent.WAIT_TIMEDOUT && !isLeft) {
            end = framework.waitForStop(SLICE.toMillis());
        }
        if (end.getType() == FrameworkEvent.STOPPED || isLeft) {
            Log.LOG.info("stopped");
            // A runtime that could not start says so, because nobody else knows why.
            return Integer.getInteger(EXIT_CODE, ExitCode.OK);
        }
        Log.LOG.error("the framework ended by itself (event type {})", end.getType(), end.getThrowable());
        return ExitCode.INTERNAL;
    }

    /** Apart, so that it is made only when the thread that starts the logging has ended. */
    private static final class Log {
        static final Logger LOG = LoggerFactory.getLogger(HubProcess.class);
    }
}
