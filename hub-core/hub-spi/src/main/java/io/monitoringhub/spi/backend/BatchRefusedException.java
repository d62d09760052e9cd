package io.monitoringhub.spi.backend;

/** The destination refuses this content and it is not known which entry is to blame. The lane halves the batch until the culprit stands alone. */
public final class BatchRefusedException extends DeliveryException {

    private static final long serialVersionUID = 1L;

    public BatchRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
