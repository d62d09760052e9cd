package io.monitoringhub.plugin.cloudwatch;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Entries to CloudWatch Logs, metrics and resources to CloudWatch metrics, at least once.
 *
 * <p>A batch becomes several requests. When one of them fails, the entries of those that CloudWatch has taken count as written, and the lane
 * sends the others again; so nothing is there twice but what was in a request whose answer did not come.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.cloudwatch", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=cloudwatch")
@Designate(ocd = CloudwatchConfig.class, factory = true)
public final class CloudwatchBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(CloudwatchBackend.class);
    private static final int MOST_ENTRIES = 10_000;
    private static final int MOST_BYTES = 4 << 20;

    private final CloudwatchConfig config;
    private BackendContext context;
    private CloudwatchSettings settings;
    private Clients clients;
    private Senders senders;
    private LogSender logs;
    private MetricSender metrics;
    private boolean isDegraded;

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public CloudwatchBackend(CloudwatchConfig config) {
        this.config = config;
    }

    @Override
    public BatchLimits limits() {
        return new BatchLimits(MOST_ENTRIES, MOST_BYTES, Duration.ofMillis(lingerMs()), BatchLimits.DEFAULT.flushAfter());
    }

    /** A wrong value is no matter here: {@link #open} names it. */
    private int lingerMs() {
        try {
            return Math.max(0, Math.min(CloudwatchSettings.MAX_LINGER_MS, config.linger__ms()));
        } catch (RuntimeException e) {
            return 0;
        }
    }

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close();
        context = given;
        isDegraded = false;
        settings = CloudwatchSettings.from(config, CloudwatchBackend::host, given.id().toString());
        AtomicReference<Clients> made = new AtomicReference<>();
        senders = new Senders(given.id().threadName(), settings.connections(), () -> Optional.ofNullable(made.get()).ifPresent(Clients::abortAll));
        boolean isConnected = false;
        try {
            connect(made);
            isConnected = true;
        } finally {
            if (!isConnected) {
                senders.close();
            }
            clients = made.get();
            if (!isConnected) {
                close();
            }
        }
        LOG.info("{} sends to CloudWatch from offset {} on", given.id(), given.committed());
        return given.committed();
    }

    private void connect(AtomicReference<Clients> made) throws DeliveryException, InterruptedException {
        Failures failures = new Failures(settings.access().keys().isPresent());
        AtomicReference<DeliveryException> failed = new AtomicReference<>();
        senders.run(List.of(() -> {
            try {
                made.set(new Clients(settings.access()));
            } catch (SdkException e) {
                failed.set(new PermanentDeliveryException("cannot use the configuration of " + context.id() + ": " + e.getMessage()
                        + "; set region, or AWS_REGION in the hub's environment", e));
                return;
            }
            new Greeting(made.get().logs(), failures).refusal().ifPresent(failed::set);
        }), () -> { });
        if (failed.get() != null) {
            throw failed.get();
        }
        logs = new LogSender(made.get().logs(), settings, failures, context.clock());
        metrics = new MetricSender(made.get().metrics(), settings.metrics().namespace(), failures);
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        if (clients == null) {
            throw new IllegalStateException("the backend is not open");
        }
        BatchPlan plan = BatchPlan.of(batch, settings, TimeWindow.at(context.clock().millis(), settings.create() ? settings.retentionDays() : 0));
        Progress progress = new Progress();
        progress.rejected(plan.rejected());
        List<Runnable> tasks = new ArrayList<>();
        plan.streams().forEach(requests -> tasks.add(() -> logs.send(requests, progress)));
        if (!plan.metrics().isEmpty()) {
            tasks.add(() -> metrics.send(plan.metrics(), progress));
        }
        try {
            senders.run(tasks, progress::end);
        } catch (InterruptedException wantedBack) {
            // What CloudWatch has taken by now is settled: the thread is given back by finishing, unless that is nothing.
            LOG.debug("{} was interrupted while it wrote", context.id());
        } finally {
            progress.end();
        }
        WriteResult result = progress.result(batch);
        report(progress.failure());
        return result;
    }

    /** A failure that is thrown is the lane's to tell; of one behind which a part went through it hears nothing else. */
    private void report(Optional<DeliveryException> failure) {
        if (failure.isPresent()) {
            isDegraded = true;
            context.health().degraded(failure.get().getMessage());
        } else if (isDegraded) {
            isDegraded = false;
            context.health().ok();
        }
    }

    @Override
    public void close() {
        if (senders != null) {
            senders.close();
            senders = null;
        }
        if (clients != null) {
            clients.close();
            clients = null;
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
