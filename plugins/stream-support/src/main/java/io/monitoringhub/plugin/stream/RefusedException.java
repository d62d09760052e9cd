package io.monitoringhub.plugin.stream;

/** A connection is not wanted. The message says whose and why. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
