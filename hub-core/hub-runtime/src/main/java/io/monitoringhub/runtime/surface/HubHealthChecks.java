package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
    private final Map<String, Function<HubStatus, List<ComponentReport>>> parts = new LinkedHashMap<>();
    private final List<ServiceRegistration<HealthCheck>> registrations = new ArrayList<>();

    @Activate
    public HubHealthChecks(BundleContext context, @Reference HubComponent hub, @Reference PluginCatalog plugins) {
        this.engine = hub.engine();
        parts.put(HUB, status -> List.of(HubHealth.hub(status)));
        parts.put("log", status -> List.of(HubHealth.log(status)));
        parts.put("configuration", status -> List.of(HubHealth.configuration(status)));
        parts.put("transports", HubHealth::transports);
        parts.put("lanes", status -> HubHealth.lanes(status, engine.configuration().lanes()));
        parts.put("plugins", status -> HubHealth.plugins(plugins.plugins()));
        parts.forEach((name, part) -> register(context, name, part));
    }

    @Deactivate
    void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }

    /** All parts, at one moment. */
    List<ComponentReport> reports() {
        HubStatus status = engine.status();
        return parts.values().stream().flatMap(part -> part.apply(status).stream()).toList();
    }

    private void register(BundleContext context, String name, Function<HubStatus, List<ComponentReport>> part) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HealthCheck.NAME, name);
        properties.put(HealthCheck.TAGS, name.equals(HUB) ? new String[] {LIVE, READY, HUB} : new String[] {READY, HUB});
        registrations.add(context.registerService(HealthCheck.class, () -> result(part.apply(engine.status())), properties));
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
