package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.testkit.ComponentConfig;
import java.util.Map;

/** Configurations of this plugin. */
final class TestConfig {

    private TestConfig() {
    }

    /** @param values by key as in hub.yaml, see {@link ComponentConfig#of} */
    static FilesystemConfig of(Map<String, Object> values) {
        return ComponentConfig.of(FilesystemConfig.class, values);
    }

    static String key(String accessor) {
        return ComponentConfig.key(accessor);
    }
}
