package io.monitoringhub.plugin.stream;

/** A connection is not wanted. The message says whose, its reason is the same for all of the kind. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason in a few words, the same for all of the kind
     * @param detail whose connection it is, and what would help
     */
    public RefusedException(String reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
