package io.monitoringhub.runtime.engine;

import io.monitoringhub.runtime.config.ConfigurationPublisher;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.cm.ConfigurationAdmin;

/** Tells who a plugin's service is from its properties. */
public final class Components {

    private Components() {
    }

    /** The identity; empty for a service that does not come from a configuration of ours. */
    public static Optional<ComponentId> id(Kind kind, Map<String, Object> properties) {
        String prefix = "hub." + kind.word() + ".";
        Object factoryPid = properties.get(ConfigurationAdmin.SERVICE_FACTORYPID);
        Object name = properties.get(ConfigurationPublisher.NAME);
        if (!(factoryPid instanceof String pid) || !pid.startsWith(prefix) || !(name instanceof String instance)) {
            return Optional.empty();
        }
        String type = pid.substring(prefix.length());
        return ComponentId.isType(type) && ComponentId.isName(instance) ? Optional.of(new ComponentId(kind, type, instance))
                : Optional.empty();
    }
}
