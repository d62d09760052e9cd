package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import io.monitoringhub.testservers.SearchServer;
import java.util.List;

/** The contract of backends, with a real server; each test has indices of its own. */
abstract class SearchBackendContract extends BackendContract {

    private final String index = "contract-" + System.nanoTime();

    abstract SearchServer server();

    @Override
    protected Backend newBackend() {
        return new ElasticsearchBackend(TestConfig.of(server(), index + "-{date}"));
    }

    @Override
    protected List<String> stored() throws Exception {
        return Found.originals(server(), index + "-*");
    }

    @Override
    protected String type() {
        return "elasticsearch";
    }
}
