package io.monitoringhub.runtime.engine;

/**
 * What came of reading the configuration again. Immutable.
 *
 * @param isUsed whether it could be used; if not, nothing has changed
 * @param message what was changed, or every problem
 */
public record Reload(boolean isUsed, String message) {
}
