package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.spi.ComponentId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a lane writes into the hub's log: changes at their edge; repetitions first, then as a count a minute; nothing per entry.
 *
 * <p>What counts repetitions is used under the ledger's lock; the rest is thread-safe.
 */
final class LaneLog {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_KINDS = 100;

    private final String lane;
    private final LongSupplier nanoTime;
    private final Map<String, Repetition> repetitions = new HashMap<>();

    /** One kind of thing that happens again and again. */
    private static final class Repetition {
        private long saidAt;
        private long unsaid;
    }

    LaneLog(String lane, LongSupplier nanoTime) {
        this.lane = lane;
        this.nanoTime = nanoTime;
    }

    void changed(LaneState from, LaneState to, String why) {
        if (to == LaneState.FAILED) {
            LOG.error("lane {}: FAILED, was {}: {}", lane, from, why);
        } else if (to == LaneState.DEGRADED) {
            LOG.warn("lane {}: DEGRADED, was {}: {}", lane, from, why);
        } else if (to == LaneState.OK && from != LaneState.STARTING) {
            LOG.info("lane {}: OK again, was {}", lane, from);
        } else {
            LOG.info("lane {}: {}{}", lane, to, why.isEmpty() ? "" : ": " + why);
        }
    }

    void opened(ComponentId id, long offset, long end) {
        LOG.info("{}: open, delivers from offset {}, {} entries behind the log's end", id, offset, Math.max(0, end - offset));
    }

    void yields(ComponentId id, int failures, String why) {
        LOG.warn("{}: the next in the failover group of lane {} delivers instead, after {} failures in a row: {}", id, lane, failures, why);
    }

    void returns(ComponentId from, ComponentId to) {
        LOG.info("{}: lets {} try again, which has a higher priority in lane {}", from, to, lane);
    }

    void movedBy(ComponentId id, long cursor, long wanted) {
        if (wanted > cursor) {
            LOG.info("{}: the destination already holds everything below offset {}; the lane's cursor at {} follows", id, wanted, cursor);
        } else {
            LOG.warn("{}: the destination lacks entries from offset {} on, although the lane's cursor was at {}; they are sent again", id,
                    wanted, cursor);
        }
    }

    void failed(ComponentId id, String kind, String message, Throwable cause) {
        long times = times("failed " + kind);
        if (times > 0) {
            String more = times == 1 ? "" : " (" + times + " failures of this kind since the last line)";
            LOG.warn("{}: {}{}", id, message, more, cause instanceof RuntimeException ? cause : null);
        }
        LOG.debug("{}: failure", id, cause);
    }

    void rejected(ComponentId id, DeadLetter letter) {
        long times = times("rejected " + letter.reason());
        if (times > 0) {
            LOG.warn("{}: entry {} of source {} is a dead letter ({}): {}{}", id, letter.offset(), letter.entry().source(), letter.reason(),
                    letter.detail(), times == 1 ? "" : " (" + times + " of this kind since the last line)");
        }
    }

    void replayOver(long next, long back) {
        LOG.info("lane {}: the replay is over at offset {}; goes on from {}", lane, next, back);
    }

    void replayRefused(ComponentId id, long wanted) {
        LOG.warn("{}: the destination already holds everything below offset {}, so there is nothing to replay; empty it first to fill it again", id,
                wanted);
    }

    void resent(ComponentId id, long delivered, long refused) {
        LOG.info("{}: {} dead letters were delivered and removed, {} refused again and kept", id, delivered, refused);
    }

    void missing(long from, long to) {
        LOG.error("lane {}: entries {} to {} are no longer in the log (removed at the size limit, or corrupt); they were not delivered",
                lane, from, to - 1);
    }

    void unreadable(long firstOffset, int entries, String why) {
        long times = times("unreadable");
        if (times > 0) {
            LOG.error("lane {}: {} entries from offset {} on can't be read and are left out: {}", lane, entries, firstOffset, why);
        }
    }

    void swapped(SwapReport swap) {
        LOG.info("{}: took over from {} at offset {}, first delivery {} ms after the last", swap.to(), swap.from(), swap.resumedAt(),
                swap.pause().toMillis());
    }

    void abandoned(ComponentId id, String why) {
        LOG.error("{}: abandoned: {}", id, why);
    }

    void closeFailed(ComponentId id, Throwable cause) {
        LOG.warn("{}: close() failed; what it held may stay open until the hub restarts", id, cause);
    }

    void notFlushed(ComponentId id, Throwable cause) {
        LOG.warn("{}: could not flush when it was stopped; what was written since the last commit comes again: {}", id, cause.toString());
    }

    /** How often it happened since it was last said; 0 when it is not to be said now. */
    private long times(String kind) {
        if (repetitions.size() >= MOST_KINDS) {
            repetitions.clear();
        }
        Repetition known = repetitions.get(kind);
        long now = nanoTime.getAsLong();
        if (known == null) {
            known = new Repetition();
            repetitions.put(kind, known);
        } else if (now - known.saidAt < MINUTE) {
            known.unsaid++;
            return 0;
        }
        long times = known.unsaid + 1;
        known.unsaid = 0;
        known.saidAt = now;
        return times;
    }
}
