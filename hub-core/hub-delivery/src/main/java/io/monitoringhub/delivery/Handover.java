package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Notices that another instance writes than the one before, and what lay between the two.
 *
 * <p>Used under the ledger's lock.
 */
final class Handover {

    private final String lane;
    /** Weak: a bundle that has gone must not be held until another writes. */
    private WeakReference<Tenure> writer = new WeakReference<>(null);
    private ComponentId writerId;
    private Instant writtenAt;
    private long writtenNanos;
    private long committedBefore;
    private long resumedAt;
    private SwapReport last;

    Handover(String lane) {
        this.lane = lane;
    }

    /** A tenure begins to deliver at this offset; the cursor stood at {@code committed}. */
    void resumed(long committed, long offset) {
        committedBefore = committed;
        resumedAt = offset;
    }

    /** @return the report, where it was another tenure that wrote before */
    Optional<SwapReport> written(Tenure by, long firstOffset, Instant now, long nowNanos) {
        Optional<SwapReport> swap = writerId == null || writer.refersTo(by) ? Optional.empty()
                : Optional.of(new SwapReport(lane, writerId, by.id(), committedBefore, resumedAt, firstOffset, writtenAt, now,
                        Duration.ofNanos(nowNanos - writtenNanos)));
        last = swap.orElse(last);
        if (!writer.refersTo(by)) {
            writer = new WeakReference<>(by);
            writerId = by.id();
        }
        writtenAt = now;
        writtenNanos = nowNanos;
        return swap;
    }

    /** The latest report. */
    Optional<SwapReport> last() {
        return Optional.ofNullable(last);
    }
}
