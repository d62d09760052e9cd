package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries as objects of JSON lines in a bucket, each exactly once; see {@link Stretches}.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.s3", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=s3")
@Designate(ocd = S3Config.class, factory = true)
public final class S3Backend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(S3Backend.class);
    private static final Duration FLUSH_AFTER = Duration.ofMillis(250);
    private static final String SPOOL = "data/s3-spool";
    private static final int LOG_ID_LENGTH = 12;

    private final S3Config config;
    private Opened opened;

    /** What there is between open and close. */
    private record Opened(String prefix, Compression compression, Stems stems, Stretches stretches, ObjectStore store) {
    }

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public S3Backend(S3Config config) {
        this.config = config;
    }

    @Override
    public BatchLimits limits() {
        BatchLimits usual = BatchLimits.DEFAULT;
        return new BatchLimits(usual.maxEntries(), usual.maxBytes(), usual.linger(), FLUSH_AFTER);
    }

    @Override
    public long open(BackendContext context) throws DeliveryException, InterruptedException {
        close();
        String name = context.id().toString();
        S3Settings settings = S3Settings.from(config, name);
        String log = context.logId().replaceAll("[^A-Za-z0-9]", "");
        String prefix = SourceElement.of(context.id().name()) + "-" + log.substring(0, Math.min(LOG_ID_LENGTH, log.length()));
        Path folder = context.resolve(SPOOL);
        Optional<Plan> plan = Plan.parse(context.state(), context.committed());
        ObjectStore store = new ObjectStore(settings, new S3Link(settings, context.id().threadName() + "-requests"));
        Stretches stretches = new Stretches(new Stretches.Rules(settings.rollSize(), settings.rollAfterMs(), prefix, settings.compression()), folder,
                context.clock(), context.committed(), plan);
        opened = new Opened(prefix, settings.compression(), new Stems(settings.pattern(), settings.zone()), stretches, store);
        check(store);
        LOG.info("{} writes to bucket '{}', from offset {} on", name, settings.bucket(), context.committed());
        plan.ifPresent(found -> LOG.info("{} goes on with the objects from {} to {} that were planned", name, found.from(), found.until()));
        return context.committed();
    }

    /** A backend that could not be opened holds nothing. */
    private void check(ObjectStore store) throws DeliveryException, InterruptedException {
        boolean isFine = false;
        try {
            store.check();
            isFine = true;
        } finally {
            if (!isFine) {
                close();
            }
        }
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        Opened now = opened();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        for (int i = 0; i < batch.size(); i++) {
            String stem = now.stems.of(batch, i);
            if (batch.offset(i) < now.stretches.from()) {
                // A dead letter that is delivered again: its stretch is closed, so it has an object of its own.
                String letter = String.format(Locale.ROOT, "%s-letter-%019d%s", now.prefix, batch.offset(i), now.compression.extension());
                now.store.putLine(stem.replace(KeyPattern.OFFSETS, letter), batch.message(i));
                continue;
            }
            try {
                now.stretches.take(batch.offset(i), stem, batch.message(i));
            } catch (IOException e) {
                throw new TransientDeliveryException("cannot spool entries below the data folder (" + e + "); make room there", e);
            }
        }
        return WriteResult.allWritten();
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        Opened now = opened();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return now.stretches.flush(next, now.store);
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.store.close();
            opened.stretches.close();
            opened = null;
        }
    }

    private Opened opened() {
        if (opened == null) {
            throw new IllegalStateException("the backend is not open");
        }
        return opened;
    }
}
