package io.monitoringhub.sdk.direct;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses before the next try: exponential with full jitter, and what the other side asks for. Used by one thread at a time. */
final class BackOff {

    private static final Duration LONGEST = Duration.ofHours(1);

    private final Duration least;
    private final Duration most;
    private int failures;

    BackOff(Duration least, Duration most) {
        this.least = least;
        this.most = most;
    }

    /** The next one begins anew. */
    void reset() {
        failures = 0;
    }

    Duration pause(DeliveryException failure) {
        long ceiling = Math.min(Math.max(least.toNanos() << Math.min(failures++, 20), 1), most.toNanos());
        Duration pause = failure.kind() == DeliveryException.Kind.PERMANENT ? most
                : Duration.ofNanos(ThreadLocalRandom.current().nextLong(ceiling + 1));
        Duration asked = failure.retryAfter().compareTo(LONGEST) > 0 ? LONGEST : failure.retryAfter();
        return pause.compareTo(asked) > 0 ? pause : asked;
    }
}
