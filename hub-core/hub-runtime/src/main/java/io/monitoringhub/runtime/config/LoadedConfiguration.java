package io.monitoringhub.runtime.config;

import java.util.Objects;

/**
 * A configuration that can be used, and where each value of it comes from. Immutable.
 *
 * @param hub what to do
 * @param effective every key with its value and place, for people
 */
public record LoadedConfiguration(HubConfiguration hub, Effective effective) {

    public LoadedConfiguration {
        Objects.requireNonNull(hub, "hub");
        Objects.requireNonNull(effective, "effective");
    }
}
