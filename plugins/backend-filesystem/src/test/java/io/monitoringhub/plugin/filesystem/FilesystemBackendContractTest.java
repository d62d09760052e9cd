package io.monitoringhub.plugin.filesystem;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import java.util.List;
import java.util.Map;

class FilesystemBackendContractTest extends BackendContract {

    @Override
    protected Backend newBackend() {
        return new FilesystemBackend(TestConfig.of(Map.of()));
    }

    @Override
    protected List<String> stored() throws Exception {
        return Stored.lines(Stored.streams(home.resolve("data/events")).values());
    }

    @Override
    protected String type() {
        return "filesystem";
    }
}
