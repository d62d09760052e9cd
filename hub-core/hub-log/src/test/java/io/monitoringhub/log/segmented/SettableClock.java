package io.monitoringhub.log.segmented;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until told otherwise. Thread-safe. */
final class SettableClock extends Clock {

    private final AtomicLong now;

    SettableClock(long nowMs) {
        now = new AtomicLong(nowMs);
    }

    void set(long nowMs) {
        now.set(nowMs);
    }

    @Override
    public long millis() {
        return now.get();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(now.get());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
