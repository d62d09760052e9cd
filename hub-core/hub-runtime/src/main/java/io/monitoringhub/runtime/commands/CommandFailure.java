package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.ExitCode;

/**
 * A command can't do what it was asked to; for a person, so without a stack trace. Immutable.
 */
final class CommandFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    CommandFailure(String message) {
        this(ExitCode.FAILED, message);
    }

    int exitCode() {
        return exitCode;
    }
}
