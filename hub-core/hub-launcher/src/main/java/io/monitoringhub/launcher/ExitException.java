package io.monitoringhub.launcher;

/**
 * Ends the process with a message for a person and an exit code for a machine; never a bug, so without a stack trace.
 *
 * <p>Immutable.
 */
final class ExitException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    ExitException(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
