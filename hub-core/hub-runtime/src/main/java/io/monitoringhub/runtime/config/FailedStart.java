package io.monitoringhub.runtime.config;

/**
 * That the hub could not start, has said why, and the process is about to end. The launcher finds the exit code in the system property
 * {@value #EXIT_CODE}, as classes of bundles are not its own. Has no state but that.
 */
public final class FailedStart {

    /** With which code the process ends after the framework has stopped; unset means 0. */
    private static final String EXIT_CODE = "hub.exit.code";

    private FailedStart() {
    }

    /** Whether it is so. */
    public static boolean isKnown() {
        return System.getProperty(EXIT_CODE) != null;
    }

    /** It is so from now on. @return whether it was not before: then the reason is to be said */
    public static boolean note(int exitCode) {
        return System.getProperties().putIfAbsent(EXIT_CODE, Integer.toString(exitCode)) == null;
    }
}
