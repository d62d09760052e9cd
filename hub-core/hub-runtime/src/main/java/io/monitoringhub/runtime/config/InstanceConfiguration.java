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
 * @param start where a backend begins that the hub did not know before; says nothing for a transport
 * @param properties its settings as the plugin's own configuration type takes them; secrets have a key that starts with a dot
 */
public record InstanceConfiguration(ComponentId id, StartPosition start, Map<String, Object> properties) {

    public InstanceConfiguration {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(start, "start");
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** One that begins with the next entry. */
    public InstanceConfiguration(ComponentId id, Map<String, Object> properties) {
        this(id, StartPosition.LATEST, properties);
    }

    /** Without the values, which may be secret. */
    @Override
    public String toString() {
        return id + properties.keySet().toString();
    }
}
