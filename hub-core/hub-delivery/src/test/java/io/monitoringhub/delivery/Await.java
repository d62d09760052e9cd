package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something that happens on another thread, with a deadline, and says how things were when it did not happen. */
final class Await {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Await() {
    }

    static void until(BooleanSupplier happened, Supplier<?> state) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!happened.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not happen within " + LIMIT + "; now: " + state.get());
            }
            LockSupport.parkNanos(200_000);
        }
    }
}
