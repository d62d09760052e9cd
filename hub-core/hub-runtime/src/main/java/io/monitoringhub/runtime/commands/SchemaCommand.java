package io.monitoringhub.runtime.commands;

import io.monitoringhub.runtime.config.Configurations;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code hub:schema}: the configuration file as JSON Schema, for editors. Needs no hub that runs.
 *
 * <p>Thread-safe.
 */
@Component(service = SchemaCommand.class, property = {"osgi.command.scope=hub", "osgi.command.function=schema"})
public final class SchemaCommand {

    private final Configurations configurations;

    @Activate
    public SchemaCommand(@Reference Configurations configurations) {
        this.configurations = configurations;
    }

    /** Prints it. */
    @Descriptor("the JSON Schema of hub.yaml, with the keys of the plugins that are there")
    public void schema() {
        System.out.println(configurations.schema());
    }
}
