package io.monitoringhub.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what other threads do, never longer than needed and never for ever. */
public final class Await {

    /** How long to wait at most where nothing else is said. */
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private Await() { }

    /**
     * Waits until a condition holds.
     *
     * @param what is awaited, for the failure
     * @throws AssertionError when it does not hold within {@link #DEADLINE}
     */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        until(what, DEADLINE, condition, () -> "");
    }

    /**
     * Waits until a condition holds.
     *
     * @param what is awaited, for the failure
     * @param state what is the case instead, for the failure
     * @throws AssertionError when it does not hold within the time
     */
    public static void until(String what, Duration most, Callable<Boolean> condition, Supplier<String> state) throws Exception {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end >= 0) {
                throw new AssertionError("not within " + most.toMillis() + " ms: " + what + ". " + state.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
