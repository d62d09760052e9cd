package io.monitoringhub.sdk.direct;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Of each backend. Immutable.
 *
 * @param queue messages that may wait
 * @param queueBytes bytes that may wait
 * @param batch most messages of a batch
 * @param batchBytes most bytes of one
 * @param linger how long a batch waits for more messages
 * @param backoffMin first upper limit of the pause before the next try
 * @param backoffMax last upper limit of it
 */
public record Limits(int queue, long queueBytes, int batch, int batchBytes, Duration linger, Duration backoffMin, Duration backoffMax) {

    private static final Duration LONGEST = Duration.ofHours(1);

    /** What holds where a program says nothing, with these pauses. */
    public static Limits usual(Duration backoffMin, Duration backoffMax) {
        return new Limits(10_000, 16 << 20, 500, 1 << 20, Duration.ofMillis(200), backoffMin, backoffMax);
    }

    /** The pause after so many failures in a row before this one: exponential with full jitter, and what the other side asks for. */
    Duration pause(int failures, DeliveryException failure) {
        if (failure.kind() == DeliveryException.Kind.PERMANENT) {
            return backoffMax;
        }
        long ceiling = Math.min(Math.max(backoffMin.toNanos() << Math.min(failures, 20), 1), backoffMax.toNanos());
        Duration pause = Duration.ofNanos(ThreadLocalRandom.current().nextLong(ceiling + 1));
        Duration asked = failure.retryAfter().compareTo(LONGEST) > 0 ? LONGEST : failure.retryAfter();
        return pause.compareTo(asked) > 0 ? pause : asked;
    }
}
