package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.time.Duration;

/** Reads what a plugin threw from {@code open} or {@code flush}, where no entry can be to blame. */
final class Failures {

    /** So often something unexpected may happen in a row. */
    static final int UNEXPECTED_MOST = 3;

    /** What a failure means. */
    enum Kind { TRANSIENT, PERMANENT, UNEXPECTED }

    private Failures() {
    }

    static Kind of(Throwable failure) {
        if (failure instanceof TransientDeliveryException) {
            return Kind.TRANSIENT;
        }
        return failure instanceof PermanentDeliveryException ? Kind.PERMANENT : Kind.UNEXPECTED;
    }

    static Duration retryAfter(Throwable failure) {
        return failure instanceof TransientDeliveryException later ? later.retryAfter() : Duration.ZERO;
    }

    /** What to show to people: never nothing. */
    static String message(Throwable failure) {
        boolean isPlain = failure instanceof LaneFailure || of(failure) != Kind.UNEXPECTED;
        return isPlain && failure.getMessage() != null && !failure.getMessage().isEmpty() ? failure.getMessage() : failure.toString();
    }
}
