package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.deadletters.DeadLetterSettings;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.log.LogSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Everything that {@code hub.yaml}, the environment and the defaults say. Immutable.
 *
 * @param name what the hub calls itself to clients
 * @param log how the log is kept; takes effect at start
 * @param ingest how messages are taken in; takes effect at start
 * @param transports by instance name
 * @param backends by instance name
 * @param routes from top to bottom; they name lanes
 * @param lanes one for each failover group, and one for each backend that is in none
 * @param deadLetters how many dead letters are kept
 * @param correlation what is put together from the log; takes effect at start
 * @param drainFor how long a stopping hub goes on delivering
 * @param plugins on what terms plugins run
 * @param security who may send
 * @param warnings what is odd but does not keep the configuration from being used
 */
public record HubConfiguration(String name, LogSettings log, IngestSettings ingest, Map<String, InstanceConfiguration> transports,
        Map<String, InstanceConfiguration> backends, List<RouteRule> routes, List<LaneConfiguration> lanes, DeadLetterSettings deadLetters,
        CorrelationSection correlation, Duration drainFor, PluginsSection plugins, SecurityConfiguration security, List<String> warnings) {

    public HubConfiguration {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(log, "log");
        Objects.requireNonNull(ingest, "ingest");
        Objects.requireNonNull(deadLetters, "deadLetters");
        Objects.requireNonNull(correlation, "correlation");
        Objects.requireNonNull(plugins, "plugins");
        Objects.requireNonNull(security, "security");
        transports = Collections.unmodifiableMap(new LinkedHashMap<>(transports));
        backends = Collections.unmodifiableMap(new LinkedHashMap<>(backends));
        routes = List.copyOf(routes);
        lanes = List.copyOf(lanes);
        warnings = List.copyOf(warnings);
    }

    /** Transports, then backends. */
    public List<InstanceConfiguration> instances() {
        return Stream.of(transports, backends).flatMap(each -> each.values().stream()).toList();
    }
}
