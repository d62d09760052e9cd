package io.monitoringhub.plugin.tally;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts entries per source and type. Exactly once, because the file holds the counts <em>together with</em> the position up to which
 * they were counted, and is replaced as a whole: whatever a crash leaves, the two belong together, and {@link #open} says where to go on.
 *
 * <p>Used by one thread at a time: the lane's. So there is no lock here, and no thread of its own.
 */
// One entry in hub.yaml = one configuration of this PID = one instance of this class. REQUIRE: no configuration, no instance.
@Component(service = Backend.class, configurationPid = "hub.backend.tally", configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "hub.type=tally")
@Designate(ocd = TallyConfig.class, factory = true)
public final class TallyBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(TallyBackend.class);

    private final TallyConfig config;
    private BackendContext context;
    private TallyFile file;
    private Tally tally;
    private boolean isFull;

    /** Only stores: a constructor that fails leaves a service behind that nobody can use. What can fail is done in {@link #open}. */
    @Activate
    public TallyBackend(TallyConfig config) {
        this.config = config;
    }

    // limits() is not overridden: this destination has none. One with a largest request (entries, bytes) says so there.

    @Override
    public long open(BackendContext given) throws DeliveryException, InterruptedException {
        close(); // open may follow a failure: start from nothing
        context = given;
        int maxSources = validate();
        TallyFile opened = new TallyFile(given.resolve(config.path()), given.id() + " of log " + given.logId());
        tally = attempt("read", () -> opened.read(given.committed(), maxSources));
        file = opened;
        isFull = false;
        LOG.info("{} counts into {}, from offset {} on", given.id(), opened.path(), tally.next());
        // Not given.committed(): the lane's cursor can be behind the file after a crash, and then the hub sends too much.
        return tally.next();
    }

    /** Collects all problems, so that a person has to try once and not once per mistake. */
    private int validate() throws PermanentDeliveryException {
        List<String> problems = new ArrayList<>();
        int maxSources = 1;
        try {
            maxSources = config.max__sources(); // converts its value at the call: "many" fails here and not earlier
            if (maxSources < 1 || maxSources > 1_000_000) {
                problems.add("max_sources: expected 1 to 1000000, not " + maxSources);
            }
        } catch (RuntimeException unreadable) {
            problems.add("max_sources: expected a number: " + unreadable.getMessage());
        }
        try {
            Path path = context.resolve(config.path());
            if (config.path().isBlank() || path.getParent() == null) {
                problems.add("path: expected the name of a file, not '" + config.path() + "'");
            }
        } catch (InvalidPathException bad) {
            problems.add("path: expected the name of a file: " + bad.getMessage());
        }
        if (!problems.isEmpty()) {
            // Permanent: the lane stops, keeps its entries, and shows this text until somebody changes the configuration.
            throw new PermanentDeliveryException("cannot use the configuration of " + context.id() + ": " + String.join("; ", problems));
        }
        return maxSources;
    }

    @Override
    public WriteResult write(Batch batch) {
        // The batch's memory is the hub's and is used again after this call. What is kept here are numbers and the source's string.
        for (int i = 0; i < batch.size(); i++) {
            // Counted already? After a crash the same entries may come again, in other batches.
            if (batch.offset(i) >= tally.next()) {
                tally.count(batch.source(i), batch.type(i), batch.offset(i));
            }
        }
        if (tally.isFull() && !isFull) {
            isFull = true; // say it once, not with every batch
            LOG.warn("{}: there are more sources than max_sources; further ones are counted as source {}", context.id(), Tally.OTHER);
            context.health().degraded("more sources than max_sources: further ones are counted as source " + Tally.OTHER);
        }
        // An entry that can never be counted would be named here as rejected; it becomes a dead letter and the rest goes on.
        return WriteResult.allWritten();
    }

    @Override
    public Commit flush(long next) throws DeliveryException, InterruptedException {
        // The route may leave entries out: all below 'next' are done with, even if the last one that came here is older.
        tally.advance(next);
        attempt("write", () -> {
            file.replace(tally);
            return null;
        });
        // Only now. A position that is returned before the data is safe is how entries get lost.
        return Commit.upTo(next);
    }

    @Override
    public void close() {
        // No flush: what was not flushed comes again. And closing must be possible when the disk is full.
        file = null;
        tally = null;
    }

    private interface Attempt<T> {
        T run() throws IOException, PermanentDeliveryException;
    }

    /** Turns what files throw into what the lane understands. Classifying is the plugin's job, waiting and retrying the hub's. */
    private <T> T attempt(String what, Attempt<T> attempt) throws DeliveryException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException(); // the hub wants its thread back
        }
        try {
            return attempt.run();
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw new InterruptedException();
        } catch (IOException e) {
            // A full disk, a lost mount: may pass. The counts are still in memory, the next flush tries again.
            throw new TransientDeliveryException("cannot " + what + " " + context.resolve(config.path()) + " (" + e
                    + "): see whether the disk is full and the hub's user may write there", e);
        }
    }
}
