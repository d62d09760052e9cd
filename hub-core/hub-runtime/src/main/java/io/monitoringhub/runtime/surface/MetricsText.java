package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What {@code /metrics} says, without HTTP. Has no state. */
public final class MetricsText {

    private MetricsText() {
    }

    /** The page as Prometheus text. */
    public static String of(HubEngine engine, PluginCatalog plugins) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(new HubMetrics(engine, plugins));
        JvmMetrics.builder().register(registry);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toString(StandardCharsets.UTF_8);
    }
}
