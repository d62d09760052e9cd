package io.monitoringhub.runtime.plugins;

/**
 * A jar that will not be used as it is; the message is for the operator.
 *
 * <p>Immutable.
 */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    RefusedException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    RefusedException(Refusal refusal, String message, Throwable cause) {
        super(message, cause);
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
