package io.monitoringhub.plugin.httpbackend;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import io.monitoringhub.testkit.ComponentConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class HttpBackendContractTest extends BackendContract {

    private static StoringService service;

    @BeforeAll
    static void start() throws Exception {
        service = StoringService.start();
    }

    @BeforeEach
    void empty() {
        service.forgetAll();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Override
    protected Backend newBackend() {
        return new HttpBackend(ComponentConfig.of(HttpBackendConfig.class, Map.of("url", service.url(), "receiver", "service")));
    }

    @Override
    protected List<String> stored() {
        return service.stored();
    }

    @Override
    protected String type() {
        return "http";
    }
}
