package io.monitoringhub.spi.backend;

/**
 * A backend could not do what the lane asked. The subclass classifies, the lane acts. The message says what was attempted, on what, and
 * what would help: {@code cannot write to bucket 'x' (403): grant s3:PutObject}.
 */
public abstract sealed class DeliveryException extends Exception
        permits TransientDeliveryException, PermanentDeliveryException, BatchRefusedException {

    private static final long serialVersionUID = 1L;

    DeliveryException(String message, Throwable cause) {
        super(message, cause);
    }
}
