package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.engine.HubComponent;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /metrics}: everything that can be counted, as Prometheus text, or OpenMetrics for who asks for it. Thread-safe. */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.name=hub-metrics",
    "osgi.http.whiteboard.servlet.pattern=" + MetricsPage.METRICS})
public final class MetricsPage extends Page {

    static final String METRICS = "/metrics";

    private static final long serialVersionUID = 1L;

    private final transient HubEngine engine;
    private final transient PluginCatalog plugins;
    private final transient ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final transient ExpositionFormatWriter prometheus = PrometheusTextFormatWriter.create();
    private transient PrometheusRegistry registry;

    @Activate
    public MetricsPage(@Reference HubComponent hub, @Reference PluginCatalog plugins) {
        engine = hub.engine();
        this.plugins = plugins;
    }

    /** Made for the first who asks: Java's management takes time and memory that a start, and a hub that nobody asks, need not spend. */
    private synchronized PrometheusRegistry registry() {
        if (registry == null) {
            registry = new PrometheusRegistry();
            registry.register(new HubMetrics(engine, plugins));
            JvmMetrics.builder().register(registry);
        }
        return registry;
    }

    @Override
    Content content(HttpServletRequest request) throws IOException {
        ExpositionFormatWriter writer = openMetrics.accepts(request.getHeader("Accept")) ? openMetrics : prometheus;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        writer.write(body, registry().scrape());
        return new Content(HttpServletResponse.SC_OK, writer.getContentType(), body);
    }
}
