package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.testservers.ElasticsearchServer;
import io.monitoringhub.testservers.SearchServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ElasticsearchContractTest extends SearchBackendContract {

    @TempDir
    private static Path folder;

    private static SearchServer server;

    @BeforeAll
    static void starts_the_server() throws Exception {
        server = new ElasticsearchServer(folder);
        server.start();
    }

    @AfterAll
    static void stops_the_server() throws Exception {
        server.close();
    }

    @Override
    SearchServer server() {
        return server;
    }
}
