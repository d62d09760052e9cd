package io.monitoringhub.sdk.direct;

import java.time.Duration;

/** A batch that was not taken. Immutable. */
public final class DeliveryException extends Exception {

    private static final long serialVersionUID = 1;

    /** What it means for the batch. */
    public enum Kind {
        /** It may work later: kept, and tried again. */
        TRANSIENT,
        /** A person must act, as with a wrong token: kept, and tried again with long pauses. */
        PERMANENT,
        /** Something in the batch is refused: halved until the culprit stands alone. */
        REFUSED
    }

    private final Kind kind;
    private final Duration retryAfter;

    private DeliveryException(Kind kind, String message, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    /** For this reason. */
    public static DeliveryException of(Kind kind, String message, Throwable cause) {
        return new DeliveryException(kind, message, Duration.ZERO, cause);
    }

    /** It may work later, but not before this time has passed. */
    public static DeliveryException later(String message, Duration retryAfter) {
        return new DeliveryException(Kind.TRANSIENT, message, retryAfter, null);
    }

    public Kind kind() {
        return kind;
    }

    /** The least pause before the next try. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
