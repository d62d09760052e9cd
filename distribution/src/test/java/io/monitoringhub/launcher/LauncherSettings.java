package io.monitoringhub.launcher;

import java.nio.file.Path;
import java.util.Map;

/** The launcher's framework properties, for tests that start a framework of their own and want the same ones. Immutable. */
public final class LauncherSettings {

    private LauncherSettings() {
    }

    /** The properties for a hub with these folders. */
    public static Map<String, Object> of(Path home, Path conf, Path data, Path plugins) {
        HubPaths paths = new HubPaths(home, conf, data, plugins);
        return FrameworkSettings.of(paths, "test", paths.run().resolve("hub.sock"));
    }
}
