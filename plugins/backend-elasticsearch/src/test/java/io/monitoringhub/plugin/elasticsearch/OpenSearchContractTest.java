package io.monitoringhub.plugin.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.testservers.OpenSearchServer;
import io.monitoringhub.testservers.SearchServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenSearchContractTest extends SearchBackendContract {

    @TempDir
    private static Path folder;

    private static SearchServer server;

    @BeforeAll
    static void starts_the_server() throws Exception {
        server = new OpenSearchServer(folder).with("indexing_pressure.memory.limit", PRESSURE_LIMIT)
                .with("http.max_content_length", CONTENT_LIMIT);
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

    @Override
    Map<String, Object> access() {
        return Map.of();
    }

    @Test
    void a_data_stream_takes_a_redelivery_once_until_it_is_rolled_over() throws Exception {
        String stream = "stream-" + System.nanoTime();
        Backend backend = open(Map.of("index", stream, "data_stream", true));
        assertThat(backend.write(batch(0, 20)).isAllWritten()).isTrue();
        assertThat(backend.write(batch(10, 20)).isAllWritten()).isTrue();
        assertThat(Found.originals(server, stream)).containsExactlyElementsOf(texts(batch(0, 30)));
        assertThat(server.ask("GET", "/_data_stream/" + stream, "")).contains("\"name\":\"" + stream + "\"");
        server.ask("POST", "/" + stream + "/_rollover", "");
        assertThat(backend.write(batch(25, 10)).isAllWritten()).isTrue();
        assertThat(Found.originals(server, stream)).as("five of them twice, as the README says").hasSize(40);
    }
}
