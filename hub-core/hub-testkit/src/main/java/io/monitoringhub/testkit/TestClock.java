package io.monitoringhub.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands still until a test moves it. In UTC. Thread-safe. */
public final class TestClock extends Clock {

    private volatile Instant now;

    /** @param now the time that it shows at first */
    public TestClock(Instant now) {
        this.now = now;
    }

    /** Moves the clock, also backwards. */
    public void advance(Duration duration) {
        now = now.plus(duration);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.fixed(now, zone);
    }
}
