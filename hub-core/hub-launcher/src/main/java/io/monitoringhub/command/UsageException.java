package io.monitoringhub.command;

/**
 * Somebody typed what is no command line; for a person, so without a stack trace. The exit code is {@link ExitCode#USAGE}.
 *
 * <p>Immutable.
 */
public final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message what is wrong and what was expected */
    public UsageException(String message) {
        super(message, null, false, false);
    }
}
