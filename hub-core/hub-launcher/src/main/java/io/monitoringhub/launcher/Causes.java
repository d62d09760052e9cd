package io.monitoringhub.launcher;

/**
 * Words for exceptions whose own message is only a path.
 *
 * <p>Immutable.
 */
final class Causes {

    private Causes() {
    }

    static String describe(Throwable cause) {
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }
}
