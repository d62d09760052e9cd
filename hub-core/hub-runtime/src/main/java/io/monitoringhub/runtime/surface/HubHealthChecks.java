package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.function.Supplier;
import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The hub's parts as Felix health checks, tagged {@value #HUB} and {@value #READY} (and the hub itself {@value #LIVE}), so that the shell's
 * {@code hc:exec} and whoever else executes health checks sees them.
 *
 * <p>Thread-safe.
 */
@Component(service = HubHealthChecks.class, immediate = true)
public final class HubHealthChecks {

    /** The tag of the checks that are the hub's own. */
    static final String HUB = "hub";
    /** The tag of checks that only a restart can mend. */
    static final String LIVE = "live";
    /** The tag of checks that decide whether clients should come here. */
    static final String READY = "ready";

    private final HubEngine engine;
    private final PluginCatalog plugins;
    private final List<ServiceRegistration<HealthCheck>> registrations = new ArrayList<>();

    @Activate
    public HubHealthChecks(BundleContext context, @Reference HubComponent hub, @Reference PluginCatalog plugins) {
        this.engine = hub.engine();
        this.plugins = plugins;
        register(context, "hub", () -> List.of(HubHealth.hub(engine.status())), LIVE, READY);
        register(context, "log", () -> List.of(HubHealth.log(engine.status())), READY);
        register(context, "configuration", () -> List.of(HubHealth.configuration(engine.status())), READY);
        register(context, "transports", () -> HubHealth.transports(engine.status()), READY);
        register(context, "lanes", () -> HubHealth.lanes(engine.status(), engine.configuration().lanes()), READY);
        register(context, "plugins", () -> HubHealth.plugins(plugins.plugins()), READY);
    }

    @Deactivate
    void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }

    /** All parts, at one moment. */
    List<ComponentReport> reports() {
        HubStatus status = engine.status();
        List<ComponentReport> reports = new ArrayList<>();
        reports.add(HubHealth.hub(status));
        reports.add(HubHealth.log(status));
        reports.add(HubHealth.configuration(status));
        reports.addAll(HubHealth.transports(status));
        reports.addAll(HubHealth.lanes(status, engine.configuration().lanes()));
        reports.addAll(HubHealth.plugins(plugins.plugins()));
        return reports;
    }

    private void register(BundleContext context, String name, Supplier<List<ComponentReport>> parts, String... tags) {
        List<String> all = new ArrayList<>(List.of(tags));
        all.add(HUB);
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HealthCheck.NAME, name);
        properties.put(HealthCheck.TAGS, all.toArray(String[]::new));
        registrations.add(context.registerService(HealthCheck.class, () -> result(parts.get()), properties));
    }

    private static Result result(List<ComponentReport> parts) {
        FormattingResultLog log = new FormattingResultLog();
        for (ComponentReport part : parts) {
            String line = part.component() + " is " + part.state() + (part.reason().isEmpty() ? "" : ": " + part.reason());
            switch (part.verdict()) {
                case OK -> log.info("{}", line);
                case DEGRADED -> log.warn("{}", line);
                case UNREADY -> log.temporarilyUnavailable("{}", line);
            }
        }
        return new Result(log);
    }
}
