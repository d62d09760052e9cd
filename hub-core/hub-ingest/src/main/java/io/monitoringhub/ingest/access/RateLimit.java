package io.monitoringhub.ingest.access;

import java.time.Duration;

/**
 * So many messages a second, and at most a second's worth at once. What has come is never refused here but owed: nobody may go on until it is
 * worked off. Thread-safe.
 */
final class RateLimit {

    private static final double NANOS_PER_SECOND = 1e9;

    private final long perSecond;
    private double room;
    private long at;

    RateLimit(long perSecond, long nanoTime) {
        this.perSecond = perSecond;
        this.room = perSecond;
        this.at = nanoTime;
    }

    long perSecond() {
        return perSecond;
    }

    synchronized void spend(long messages, long nanoTime) {
        refill(nanoTime);
        room -= messages;
    }

    /** How long until there is room; zero if there is. */
    synchronized Duration untilRoom(long nanoTime) {
        refill(nanoTime);
        return room > 0 ? Duration.ZERO : Duration.ofNanos(1 + (long) (-room / perSecond * NANOS_PER_SECOND));
    }

    private void refill(long nanoTime) {
        long passed = nanoTime - at;
        if (passed > 0) {
            room = Math.min(perSecond, room + passed / NANOS_PER_SECOND * perSecond);
            at = nanoTime;
        }
    }
}
