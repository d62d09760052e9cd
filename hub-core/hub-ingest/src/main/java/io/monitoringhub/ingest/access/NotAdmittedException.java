package io.monitoringhub.ingest.access;

/** Somebody may not send. The message says why and what to do, and nothing of any token. */
public final class NotAdmittedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isKnown;

    NotAdmittedException(boolean isKnown, String message) {
        super(message);
        this.isKnown = isKnown;
    }

    /** Whether the token is one of ours, but not good for this. */
    public boolean isKnown() {
        return isKnown;
    }
}
