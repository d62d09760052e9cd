package io.monitoringhub.sdk.direct;

/**
 * What a look at a backend has shown. Immutable.
 *
 * @param isReachable whether it could be used
 * @param check what was found, or what is wrong
 */
public record BackendHealth(boolean isReachable, String check) {
}
