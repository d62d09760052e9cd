package io.monitoringhub.runtime.config;

import java.util.Objects;
import java.util.Set;

/**
 * A configuration that can be used, and where each value of it comes from. Immutable.
 *
 * @param hub what to do
 * @param effective every key with its value and place, for people
 * @param plugins names of the jars in {@code plugins/} that have the types it names
 */
public record LoadedConfiguration(HubConfiguration hub, Effective effective, Set<String> plugins) {

    public LoadedConfiguration {
        Objects.requireNonNull(hub, "hub");
        Objects.requireNonNull(effective, "effective");
        plugins = Set.copyOf(plugins);
    }
}
