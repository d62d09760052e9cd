package io.monitoringhub.protocol;

/** A line is not a message of version 1. Immutable. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /** Carries the refusal; its reason becomes the message. */
    public RefusedException(Refusal refusal) {
        super("cannot read the line as a message (" + refusal.code().word() + "): " + refusal.reason());
        this.refusal = refusal;
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
