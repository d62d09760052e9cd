package io.monitoringhub.runtime.config;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.io.IOException;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Makes ConfigurationAdmin hold exactly one factory configuration for each instance. What did not change is not touched, so that a
 * component hears of its own changes only.
 *
 * <p>Used by one thread at a time.
 */
public final class ConfigurationPublisher {

    /** The property that carries the instance's name. */
    public static final String NAME = "hub.name";

    private static final String ANY_BUNDLE = "?";

    private final ConfigurationAdmin admin;

    public ConfigurationPublisher(ConfigurationAdmin admin) {
        this.admin = admin;
    }

    /**
     * Publishes these instances and removes all others.
     *
     * @throws IOException when ConfigurationAdmin cannot store them
     */
    public void publish(Collection<InstanceConfiguration> instances) throws IOException {
        Map<String, InstanceConfiguration> wanted = new HashMap<>();
        instances.forEach(instance -> wanted.put(instance.id().pid(), instance));
        for (Configuration present : present()) {
            if (!wanted.containsKey(present.getPid())) {
                present.delete();
            }
        }
        for (InstanceConfiguration instance : wanted.values()) {
            ComponentId id = instance.id();
            admin.getFactoryConfiguration(id.factoryPid(), id.name(), ANY_BUNDLE).updateIfDifferent(dictionary(instance));
        }
    }

    private Configuration[] present() throws IOException {
        try {
            Configuration[] present = admin.listConfigurations("(|(service.factoryPid=hub." + Kind.TRANSPORT.word()
                    + ".*)(service.factoryPid=hub." + Kind.BACKEND.word() + ".*))");
            return present == null ? new Configuration[0] : present;
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Dictionary<String, Object> dictionary(InstanceConfiguration instance) {
        Dictionary<String, Object> dictionary = new Hashtable<>(instance.properties());
        dictionary.put(NAME, instance.id().name());
        return dictionary;
    }
}
