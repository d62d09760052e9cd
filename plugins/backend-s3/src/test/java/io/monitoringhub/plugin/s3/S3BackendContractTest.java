package io.monitoringhub.plugin.s3;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testkit.BackendContract;
import io.monitoringhub.testservers.S3Server;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class S3BackendContractTest extends BackendContract {

    @TempDir
    private static Path folder;
    private static S3Server server;

    @BeforeAll
    static void start() throws Exception {
        server = S3Objects.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        server.clear();
    }

    @Override
    protected Backend newBackend() {
        return new S3Backend(S3Objects.config(server.uri(), Map.of()));
    }

    @Override
    protected List<String> stored() throws Exception {
        return S3Objects.lines(server);
    }

    @Override
    protected String type() {
        return "s3";
    }
}
