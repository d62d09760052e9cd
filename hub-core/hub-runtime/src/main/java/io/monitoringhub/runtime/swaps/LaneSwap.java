package io.monitoringhub.runtime.swaps;

import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.SwapReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a replacement meant for a lane. Immutable.
 *
 * @param lane which
 * @param state how it is afterwards
 * @param reason why; empty where all is well
 * @param deliveredTo the first entry that the old instance had not delivered when it was gone
 * @param committedAt the stored position at that time
 * @param resumedAt where the new instance went on: what it said itself if it has delivered; else where the lane stood when it came
 * @param firstOffset the first entry that it delivered; empty while there was none to deliver
 * @param pause from the last delivery of the old one to the first of the new one; without one, until the lane was well again
 * @param written entries that were delivered between the two readings
 * @param deadLetters entries that became dead letters meanwhile
 * @param lost entries that nobody will deliver: skipped between the two instances, gone from the log, or unreadable
 * @param doubled at most so many entries that both instances delivered, because the old one's last commit failed
 */
public record LaneSwap(String lane, String state, String reason, long deliveredTo, long committedAt, long resumedAt,
        Optional<Long> firstOffset, Duration pause, long written, long deadLetters, long lost, long doubled) {

    /**
     * Compares.
     *
     * @param before when the old instance still ran
     * @param stopped when it was gone and nobody else was there
     * @param started when the new one had just been started
     * @param after when it works
     */
    static LaneSwap between(LaneStatus before, LaneStatus stopped, Instant stoppedAt, LaneStatus started, LaneStatus after) {
        Optional<SwapReport> handover = after.lastSwap().filter(swap -> !swap.firstDelivery().isBefore(stoppedAt));
        long delivered = stopped.position();
        long resumed = handover.map(SwapReport::resumedAt).orElse(started.position());
        Optional<Long> first = handover.map(SwapReport::firstOffset);
        LaneStatus.Counters old = before.counters();
        LaneStatus.Counters now = after.counters();
        // Without a handover the position only passes entries that the routes leave out.
        long skipped = handover.isPresent() ? Math.max(0, resumed - delivered) : 0;
        long lost = skipped + now.missingEntries() - old.missingEntries() + now.unreadableEntries() - old.unreadableEntries();
        long doubled = first.map(offset -> Math.max(0, delivered - offset)).orElse(0L);
        Duration pause = handover.map(SwapReport::pause).orElse(positive(Duration.between(stoppedAt, after.since())));
        return new LaneSwap(after.name(), after.state().name(), after.reason(), delivered, stopped.committed(), resumed, first, pause,
                now.writtenEntries() - old.writtenEntries(), now.rejectedEntries() - old.rejectedEntries(), lost, doubled);
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
