package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Time that goes on as always, and makes a jump where a test says so. Thread-safe. */
final class JumpingTime implements LongSupplier {

    private final AtomicLong ahead = new AtomicLong();

    void jump(Duration by) {
        ahead.addAndGet(by.toNanos());
    }

    @Override
    public long getAsLong() {
        return System.nanoTime() + ahead.get();
    }
}
