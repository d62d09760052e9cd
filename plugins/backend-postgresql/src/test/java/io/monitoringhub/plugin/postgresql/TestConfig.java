package io.monitoringhub.plugin.postgresql;

import io.monitoringhub.testkit.ComponentConfig;
import java.util.Map;

/** Configurations of this plugin. */
final class TestConfig {

    private TestConfig() {
    }

    /** @param values by key as in hub.yaml, see {@link ComponentConfig#of} */
    static PostgresqlConfig of(Map<String, Object> values) {
        return ComponentConfig.of(PostgresqlConfig.class, values);
    }

    static String key(String accessor) {
        return ComponentConfig.key(accessor);
    }
}
