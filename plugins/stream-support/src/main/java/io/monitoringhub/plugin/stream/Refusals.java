package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.ComponentId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections that were refused or ended, by cause, and says each cause once; again with a count after ten minutes if it goes on.
 * No condition of the hub's: who knocks at a door must not be able to make it look ill. Thread-safe.
 */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final ComponentId id;
    private final LongSupplier nanoTime;
    private final Map<String, Tally> tallies = new TreeMap<>();

    Refusals(ComponentId id, LongSupplier nanoTime) {
        this.id = id;
        this.nanoTime = nanoTime;
    }

    /**
     * A connection was refused.
     *
     * @param cause in a few words, the same for all of the kind
     * @param detail whose and why
     */
    void refused(String cause, String detail) {
        long unsaid;
        synchronized (tallies) {
            Tally tally = tallies.computeIfAbsent(cause, first -> new Tally());
            tally.count++;
            tally.unsaid++;
            long now = nanoTime.getAsLong();
            if (tally.count > 1 && now - tally.saidAt < REPEAT_NANOS) {
                return;
            }
            tally.saidAt = now;
            unsaid = tally.unsaid;
            tally.unsaid = 0;
        }
        if (unsaid == 1) {
            LOG.warn("{}: {}: {}. Others are counted", id, cause, detail);
        } else {
            LOG.warn("{}: {}: {} connections more, the last: {}", id, cause, unsaid, detail);
        }
    }

    /** How many were refused for this cause. */
    long count(String cause) {
        synchronized (tallies) {
            Tally tally = tallies.get(cause);
            return tally == null ? 0 : tally.count;
        }
    }

    /** Says the sums. */
    void close() {
        synchronized (tallies) {
            tallies.forEach((cause, tally) -> LOG.info("{}: {}: {} connections in all", id, cause, tally.count));
        }
    }

    private static final class Tally {
        private long count;
        private long unsaid;
        private long saidAt;
    }
}
