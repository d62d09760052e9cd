package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries as lines of JSON in files, each exactly once; see {@link Destination}.
 *
 * <p>Used by one thread at a time.
 */
@Component(service = Backend.class, configurationPid = "hub.backend.filesystem", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=filesystem")
@Designate(ocd = FilesystemConfig.class, factory = true)
public final class FilesystemBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(FilesystemBackend.class);
    private static final int MAX_REPORTS = 1_000;

    private final FilesystemConfig config;
    private final Function<Boolean, Disk> disks;
    private final int maxNamed;
    private final Set<String> reported = new HashSet<>();
    private BackendContext context;
    private Destination destination;
    private Commit last;
    private long lastWritten;

    /** @param config what a person wrote; read when the backend is opened */
    @Activate
    public FilesystemBackend(FilesystemConfig config) {
        this(config, Disk::new, CommitState.MAX_FILES);
    }

    /** @param maxNamed how many files a commit's state names */
    FilesystemBackend(FilesystemConfig config, Function<Boolean, Disk> disks, int maxNamed) {
        this.config = config;
        this.disks = disks;
        this.maxNamed = maxNamed;
    }

    @Override
    public BatchLimits limits() {
        BatchLimits usual = BatchLimits.DEFAULT;
        return new BatchLimits(usual.maxEntries(), usual.maxBytes(), usual.linger(), Duration.ofMillis(flushMs()));
    }

    /** A wrong value is no matter here: {@link #open} names it. */
    private int flushMs() {
        try {
            return Math.max(1, Math.min(FilesystemSettings.MAX_FLUSH_MS, config.flush__ms()));
        } catch (RuntimeException e) {
            return (int) BatchLimits.DEFAULT.flushAfter().toMillis();
        }
    }

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close();
        context = given;
        reported.clear();
        String name = given.id().toString();
        FilesystemSettings settings = FilesystemSettings.from(config, name);
        Disk disk = disks.apply(settings.force());
        destination = attempt(() -> Destination.open(new Destination.Start(folder(settings, name), settings, name,
                ".hub-" + given.id().name() + "-" + SourceNames.element(given.logId()) + ".journal", SourceNames.element(given.logId()),
                given.state(), given.id().threadName(), maxNamed), disk, this::degraded));
        last = new Commit(given.committed(), given.state());
        lastWritten = -1;
        LOG.info("{} writes to {}, from offset {} on", name, folder(settings, name), given.committed());
        return given.committed();
    }

    private Path folder(FilesystemSettings settings, String name) throws PermanentDeliveryException {
        try {
            return context.resolve(settings.path());
        } catch (InvalidPathException e) {
            throw new PermanentDeliveryException("cannot use the configuration of " + name + ": path '" + settings.path()
                    + "': expected a folder (" + e.getReason() + ")", e);
        }
    }

    @Override
    public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
        Destination files = opened();
        try {
            attempt(() -> {
                files.write(batch);
                return null;
            });
        } catch (TransientDeliveryException e) {
            files.undo();
            throw e;
        }
        lastWritten = batch.offset(batch.size() - 1);
        return WriteResult.allWritten();
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        Destination files = opened();
        if (next <= lastWritten) {
            // The files hold more than the caller wants to commit, and a state can't say less than they hold.
            return last;
        }
        last = new Commit(next, attempt(files::commit));
        return last;
    }

    @Override
    public void close() {
        if (destination != null) {
            destination.close();
            destination = null;
        }
    }

    private Destination opened() {
        if (destination == null) {
            throw new IllegalStateException("the backend is not open");
        }
        return destination;
    }

    private void degraded(String reason) {
        if (reported.size() < MAX_REPORTS && reported.add(reason)) {
            LOG.warn("{}: {}", context.id(), reason);
            context.health().degraded(reason);
        }
    }

    /** Something that is done to files. */
    private interface Attempt<T> {
        T run() throws IOException, OwnerMarker.OwnedByOtherException, DeliveryException;
    }

    private static <T> T attempt(Attempt<T> attempt) throws DeliveryException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            return attempt.run();
        } catch (ClosedByInterruptException e) {
            // The flag is still set; the exception takes its place.
            Thread.interrupted();
            throw new InterruptedException();
        } catch (OwnerMarker.OwnedByOtherException e) {
            throw new PermanentDeliveryException(e.getMessage(), e);
        } catch (FileFailure e) {
            if (e.isPermanent()) {
                throw new PermanentDeliveryException(e.getMessage(), e);
            }
            throw new TransientDeliveryException(e.getMessage(), e);
        } catch (IOException e) {
            throw new TransientDeliveryException("cannot write: " + e, e);
        }
    }
}
