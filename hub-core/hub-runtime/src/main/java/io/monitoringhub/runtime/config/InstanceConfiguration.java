package io.monitoringhub.runtime.config;

import io.monitoringhub.spi.ComponentId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What was configured for one transport or backend. Immutable.
 *
 * @param id who it is
 * @param properties its settings as the plugin's own configuration type takes them; secrets have a key that starts with a dot
 */
public record InstanceConfiguration(ComponentId id, Map<String, Object> properties) {

    public InstanceConfiguration {
        Objects.requireNonNull(id, "id");
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** Without the values, which may be secret. */
    @Override
    public String toString() {
        return id + properties.keySet().toString();
    }
}
