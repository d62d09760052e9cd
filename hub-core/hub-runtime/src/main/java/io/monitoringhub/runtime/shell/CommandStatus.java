package io.monitoringhub.runtime.shell;

/**
 * A command's result that is an exit status instead of something to print: what {@code bin/hub shell} ends with.
 *
 * <p>Immutable.
 *
 * @param code 0 when all is well
 */
public record CommandStatus(int code) {
}
