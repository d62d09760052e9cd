package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.spi.Kind;

/** The shape of {@code hub.yaml}, which nobody outside its package needs but the reference that is made of it. Immutable. */
public final class HubYaml {

    private HubYaml() {
    }

    /** The keys at the top; what stands below transports and backends is in {@link #own}. */
    public static Shape.Group top() {
        return new HubShape(PluginTypes.NONE).top();
    }

    /** The hub's own keys below an instance. */
    public static Shape.Group own(Kind kind) {
        return HubShape.own(kind);
    }
}
