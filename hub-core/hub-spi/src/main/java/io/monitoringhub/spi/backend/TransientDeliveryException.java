package io.monitoringhub.spi.backend;

import java.time.Duration;

/** May pass later: a timeout, a refused connection, a full disk, an answer such as 408, 429 or 5xx. The same batch comes again. */
public final class TransientDeliveryException extends DeliveryException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public TransientDeliveryException(String message, Throwable cause) {
        this(message, cause, Duration.ZERO);
    }

    /** @param retryAfter how long the destination asked to be left alone; zero where it did not say */
    public TransientDeliveryException(String message, Throwable cause, Duration retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** How long the destination asked to be left alone, or zero. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
