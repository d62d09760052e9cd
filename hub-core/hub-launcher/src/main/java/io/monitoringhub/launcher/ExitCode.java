package io.monitoringhub.launcher;

/**
 * What the process tells its caller; the numbers of sysexits.h where one fits, and those of the Linux Standard Base for {@code status}.
 *
 * <p>Immutable.
 */
final class ExitCode {

    static final int OK = 0;
    /** A command was understood, ran, and failed. */
    static final int FAILED = 1;
    /** {@code status}: not running. {@code check}: something is not as it should be. */
    static final int NOT_RUNNING = 3;
    /** {@code status}: running, but not (yet) ready, or not ours to look at. */
    static final int UNKNOWN = 4;
    static final int USAGE = 64;
    static final int UNAVAILABLE = 69;
    static final int INTERNAL = 70;
    /** The runtime could not open its log. */
    static final int CANNOT_CREATE = 73;
    static final int CONFIG = 78;

    private ExitCode() {
    }
}
