package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.testkit.ComponentConfig;
import io.monitoringhub.testservers.SearchServer;
import java.util.HashMap;
import java.util.Map;

/** Configurations of this plugin. */
final class TestConfig {

    private TestConfig() { }

    /** @param values by key as Declarative Services calls them, see {@link ComponentConfig#of} */
    static ElasticsearchConfig of(Map<String, Object> values) {
        return ComponentConfig.of(ElasticsearchConfig.class, values);
    }

    /** For a server without users, into an index without a date. */
    static ElasticsearchConfig of(SearchServer server, String index, Object... keysAndValues) {
        Map<String, Object> values = new HashMap<>(Map.of("hosts", new String[] {server.url()}, "index", index));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return of(values);
    }
}
