package io.monitoringhub.runtime.engine;

import io.monitoringhub.correlation.Correlator;
import io.monitoringhub.correlation.CorrelatorSettings;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneSupervisor;
import io.monitoringhub.delivery.deadletters.DeadLetterFiles;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.ingest.RejectFile;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.runtime.config.ConfigurationChanges;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.ConfigurationPublisher;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.CorrelationSection;
import io.monitoringhub.runtime.config.Effective;
import io.monitoringhub.runtime.config.HubConfiguration;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.plugins.PluginRules;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub from start to stop: opens the log, publishes the configuration, lets plugins in and out, follows changes of the configuration
 * file.
 *
 * <p>Thread-safe: plugins come on OSGi's threads, the configuration on its own.
 */
public final class HubEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HubEngine.class);

    private static final Duration TRANSPORT_GRACE = Duration.ofSeconds(3);
    private static final Duration PATIENCE_WITH_BUNDLES = Duration.ofSeconds(5);
    /** How long a listening socket waits for the next instance of its transport. */
    private static final Duration SOCKETS_KEPT = Duration.ofSeconds(10);
    private static final long CHECKPOINT_SECONDS = 5;
    private static final long REJECT_FILE_BYTES = 16L << 20;
    private final HubFolders folders;
    private final LiveConfiguration configuration;
    private final ConfigurationPublisher publisher;
    private final PluginRules plugins;
    private final Clock clock = Clock.systemUTC();
    private final Instant startedAt = clock.instant();
    private final SegmentedLog log;
    private final RejectFile rejects;
    private final Access access = new Access();
    private final TokenFileWatch tokenFile = new TokenFileWatch();
    private final IngestEngine ingest;
    private final Codecs codecs = new Codecs();
    private final Transports transports;
    private final DeadLetterFiles deadLetters;
    private final Lanes lanes;
    private final Correlator correlator;
    /** Once started, and only if it is wanted. */
    private volatile Optional<SpanMerger> merger = Optional.empty();
    private final LaneSupervisor supervisor;
    private final ConfigurationWatch watch;
    private final Bundle framework;
    /** Touched by maintenance only, as the policy is; {@code null} until then. */
    private Instant frameworkStartedAt;
    private final StartPolicy startPolicy = new StartPolicy();
    private volatile boolean isStopping;
    private final ScheduledExecutorService maintenance = Executors.newSingleThreadScheduledExecutor(
            task -> new Thread(task, "hub-maintenance"));

    /**
     * Starts the hub.
     *
     * @throws ConfigurationException when the configuration can't be used
     * @throws IOException when the log can't be opened
     */
    HubEngine(BundleContext context, ConfigurationAdmin admin, Configurations configurations, PluginRules plugins)
            throws ConfigurationException, IOException {
        this.plugins = plugins;
        framework = context.getBundle(Constants.SYSTEM_BUNDLE_ID);
        folders = configurations.folders();
        publisher = new ConfigurationPublisher(admin);
        configuration = new LiveConfiguration(configurations);
        HubConfiguration hub = configuration.hub();
        tokenFile.hasChanged(hub.security().tokenFile());
        log = SegmentedLog.open(hub.log(), new LogReporter(), clock);
        rejects = new RejectFile(folders.data().resolve("rejected").resolve("rejected.ldjson"), REJECT_FILE_BYTES, clock);
        ingest = new IngestEngine(log, hub.ingest(), rejects, access, clock, hub.name());
        transports = new Transports(ingest, folders, new ListeningSockets(SOCKETS_KEPT), codecs, clock,
                new ReadyFile(readyFile(context), starter()));
        deadLetters = new DeadLetterFiles(folders.data().resolve("dead-letters"), hub.deadLetters());
        lanes = new Lanes(log, folders, deadLetters, clock);
        supervisor = new LaneSupervisor(lanes::all);
        correlator = new Correlator(log, Math.max(log.startOffset(), log.durableOffset() - hub.correlation().rebuild()),
                CorrelatorSettings.defaults().forgetting(hub.correlation().forgetAfter()), clock);
        watch = new ConfigurationWatch(configurations.file().path(), configurations.file().includes(), configurations::state, this::reload);
    }

    private Path readyFile(BundleContext context) {
        String property = context.getProperty("hub.ready.file");
        return property == null ? folders.data().resolve("run").resolve("ready") : Path.of(property);
    }

    /** {@code bin/hub start} waits at the other end of this open file. */
    private static Optional<Path> starter() {
        return Optional.ofNullable(System.getenv("HUB_READY_FD")).filter(number -> number.matches("\\d{1,3}")).map(Path.of("/dev/fd")::resolve);
    }

    void start() throws IOException {
        ingest.recoverClients(clientsFile());
        correlator.start();
        mergeSpans(configuration.hub().correlation());
        apply(configuration.hub());
        watch.start();
        maintenance.scheduleWithFixedDelay(this::maintain, 1, 1, TimeUnit.SECONDS);
        maintenance.scheduleWithFixedDelay(this::checkpoint, CHECKPOINT_SECONDS, CHECKPOINT_SECONDS, TimeUnit.SECONDS);
        LOG.info("log {} holds entries {} to {}; configuration is {}", log.id(), log.startOffset(), log.endOffset(), folders.configuration());
    }

    private void mergeSpans(CorrelationSection correlation) {
        if (correlation.mergedSpans()) {
            SpanMerger wanted = new SpanMerger(log, new StoredSpans(ingest, log), correlation.rebuild());
            // before the first message can come: from here on no kill of the hub can make it forget where it began
            checkpoint();
            wanted.start();
            merger = Optional.of(wanted);
        }
    }

    /** Names of the jars that the configuration needs. */
    Set<String> neededPlugins() {
        return configuration.plugins();
    }

    /** Those that the configuration needs and that lay there at the start have been judged. */
    void neededPluginsAreThere() {
        transports.pluginsAreThere();
    }

    /** Each plugin that lay there at the start has been judged. */
    void allPluginsAreThere() {
        codecs.allAreThere();
    }

    private void apply(HubConfiguration wanted) throws IOException {
        plugins.use(wanted.plugins());
        access.configure(wanted.security().access());
        deadLetters.settings(wanted.deadLetters());
        lanes.configure(wanted.lanes(), RouteTable.of(wanted.routes()));
        transports.configure(wanted.transports().values());
        publisher.publish(wanted.instances());
    }

    /** Reads the configuration again. A bad one changes nothing. */
    public Reload reload() {
        watch.seen();
        return configuration.reload(this::apply);
    }

    private void maintain() {
        try {
            log.maintain();
            if (tokenFile.hasChanged(configuration.hub().security().tokenFile())) {
                LOG.info("the token file has changed: the configuration is read again");
                reload();
            }
            if (frameworkHasStarted()) {
                startPolicy.end();
            }
            if (bundlesHadTime()) {
                codecs.allAreThere();
                transports.waitNoLonger();
            }
        } catch (RuntimeException fault) { // a scheduled task that throws is never run again
            LOG.error("a fault of the hub: please report it", fault);
        }
    }

    private boolean frameworkHasStarted() {
        if (framework.getState() == Bundle.ACTIVE && frameworkStartedAt == null) {
            frameworkStartedAt = clock.instant();
        }
        return frameworkStartedAt != null;
    }

    /** Counted from when the framework has started what it found: on a busy machine that alone takes longer. */
    private boolean bundlesHadTime() {
        return frameworkHasStarted() && Duration.between(frameworkStartedAt, clock.instant()).compareTo(PATIENCE_WITH_BUNDLES) > 0;
    }

    private void checkpoint() {
        try {
            ingest.checkpointClients(clientsFile());
        } catch (IOException failure) {
            LOG.warn("cannot write {}: {}. The next start takes longer", clientsFile(), failure.toString());
        } catch (RuntimeException fault) { // as above
            LOG.error("a fault of the hub: please report it", fault);
        }
    }

    private Path clientsFile() {
        return folders.data().resolve("clients");
    }

    void add(Map<String, Object> properties, Backend backend) {
        Components.id(Kind.BACKEND, properties).ifPresentOrElse(id -> lanes.attach(id, backend),
                () -> LOG.warn("a backend without a configuration of ours is ignored: {}", properties.get("component.name")));
    }

    void remove(Backend backend) {
        lanes.detach(backend);
    }

    void add(Map<String, Object> properties, Transport transport) {
        Components.id(Kind.TRANSPORT, properties).ifPresentOrElse(id -> transports.add(id, transport),
                () -> LOG.warn("a transport without a configuration of ours is ignored: {}", properties.get("component.name")));
    }

    void remove(Transport transport) {
        transports.remove(transport);
    }

    Codecs codecs() {
        return codecs;
    }

    /** Stops accepting, stores what was received, delivers for a while, commits. */
    @Override
    public void close() {
        HubConfiguration last = configuration.hub();
        isStopping = true;
        LOG.info("stopping: no more messages are taken; delivering for at most {} s", last.drainFor().toSeconds());
        watch.close();
        endMaintenance();
        transports.stop(TRANSPORT_GRACE);
        access.close();
        merger.ifPresent(SpanMerger::close);
        ingest.close();
        try {
            lanes.drain(last.drainFor());
            supervisor.close();
            rejects.close();
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
        correlator.close();
        checkpoint();
        try {
            log.close();
        } catch (IOException failure) {
            LOG.error("the log did not close in order: {}. It is checked at the next start", failure.toString());
        }
        long lost = ingest.statistics().lost();
        if (lost > 0) {
            LOG.error("{} received messages could not be stored since the start", lost);
        }
    }

    /** A checkpoint on its way is awaited: interrupted it would fail, and beside it no other may be written. */
    private void endMaintenance() {
        maintenance.shutdown();
        try {
            if (maintenance.awaitTermination(TRANSPORT_GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
        maintenance.shutdownNow();
    }

    /** The hub at this moment. */
    public HubStatus status() {
        return new HubStatus(configuration.hub().name(), clock.instant(), startedAt, folders, isStopping, configuration.reloads(),
                configuration.refusals(), configuration.problem(), log.statistics(), log.startOffset(), log.endOffset(), ingest.statistics(),
                transports.status().stream().map(configuration::marked).toList(), lanes.status().stream().map(configuration::marked).toList());
    }

    /** How many messages have come in through a transport since the hub started. */
    public long messagesOf(ComponentId transport) {
        return ingest.messagesOf(transport);
    }

    /** Positions of lanes that are configured no more. */
    public List<Cursor> orphanedCursors() {
        return lanes.orphans();
    }

    /**
     * Forgets such a position, so that the log can let go of what it held back.
     *
     * @return whether there was one of this name
     */
    public boolean forgetCursor(String name) throws IOException {
        return lanes.forget(name);
    }

    /** The lane of this name. */
    public Optional<Lane> lane(String name) {
        return lanes.lane(name);
    }

    /** What destinations would not take. */
    public DeadLetterFiles deadLetters() {
        return deadLetters;
    }

    /** The time that the hub goes by. */
    public Clock clock() {
        return clock;
    }

    /** Traces and jobs. */
    public Correlator correlator() {
        return correlator;
    }

    /** What adds complete spans to the log, if that is configured. */
    public Optional<SpanMerger> merger() {
        return merger;
    }

    /** Whether who shows this token may see what others have sent. */
    public boolean mayRead(Optional<String> token) {
        return access.mayRead(token);
    }

    /** What is configured. */
    public HubConfiguration configuration() {
        return configuration.hub();
    }

    /** What is configured, key by key, and where each value comes from. */
    public Effective effectiveConfiguration() {
        return configuration.effective();
    }

    /** In what the configuration on disk differs from the one in use. */
    public ConfigurationChanges configurationChanges() throws ConfigurationException {
        return configuration.differences();
    }

    /** The log that everything goes through. */
    public SegmentedLog log() {
        return log;
    }
}
