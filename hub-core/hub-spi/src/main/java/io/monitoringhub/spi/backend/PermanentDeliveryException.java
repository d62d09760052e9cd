package io.monitoringhub.spi.backend;

/** Nothing will pass until a person acts: wrong credentials, no such bucket, a bad configuration. The lane fails and keeps its entries. */
public final class PermanentDeliveryException extends DeliveryException {

    private static final long serialVersionUID = 1L;

    public PermanentDeliveryException(String message) {
        this(message, null);
    }

    public PermanentDeliveryException(String message, Throwable cause) {
        super(message, cause);
    }
}
