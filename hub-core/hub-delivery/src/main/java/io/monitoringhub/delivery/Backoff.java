package io.monitoringhub.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to pause after failures: full jitter over a limit that doubles, so that many hubs do not come back to a destination at once.
 *
 * <p>As thread-safe as its source of random numbers.
 */
final class Backoff {

    private static final int MOST_DOUBLINGS = 30;

    private final long baseNanos;
    private final long maxNanos;
    private final RandomGenerator random;

    Backoff(Duration base, Duration max, RandomGenerator random) {
        baseNanos = base.toNanos();
        maxNanos = max.toNanos();
        this.random = random;
    }

    /**
     * The pause before the next attempt, in nanoseconds.
     *
     * @param failures failures in a row so far, at least 1
     * @param atLeast what the destination asked for; never cut short
     */
    long pauseNanos(int failures, Duration atLeast) {
        int doublings = Math.min(failures - 1, MOST_DOUBLINGS);
        long limit = baseNanos > maxNanos >> doublings ? maxNanos : baseNanos << doublings;
        long pause = limit <= 0 ? 0 : random.nextLong(limit + 1);
        return Math.max(pause, atLeast.toNanos());
    }
}
