package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.spi.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code hub.yaml} without a hub: its shape, for the reference that is made of it, and whether one can be used. Has no state. */
public final class HubYaml {

    private HubYaml() {
    }

    /** The keys at the top; what stands below transports and backends is in {@link #own}. */
    public static Shape.Group top() {
        return new HubShape(PluginTypes.NONE).top();
    }

    /**
     * Reads and checks a configuration as a hub does.
     *
     * @param file with {@code conf.d} beside it, if there is to be one
     * @param plugins what plugins take, by factory PID
     * @return what is wrong with it
     */
    public static List<String> problems(Path file, Map<String, Shape.Group> plugins, Map<String, String> environment) {
        Path home = file.resolveSibling("home");
        try {
            new ConfigurationFile(new HubFolders(home, home.resolve("data"), file), environment).read(new PluginTypes(plugins));
            return List.of();
        } catch (ConfigurationException bad) {
            return bad.lines();
        }
    }

    /** The hub's own keys below an instance. */
    public static Shape.Group own(Kind kind) {
        return HubShape.own(kind);
    }
}
