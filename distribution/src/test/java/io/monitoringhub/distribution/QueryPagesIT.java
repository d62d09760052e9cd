package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces and jobs by HTTP, from the packaged hub. */
class QueryPagesIT {

    private static final String READER = "a-token-that-may-read-everything";
    private static final String SENDER = "a-token-that-may-only-send-things";

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private HubPages pages;
    private int port;

    @BeforeEach
    void unpack() throws Exception {
        port = TestConfiguration.freePort();
        pages = new HubPages(port);
        hub = PackagedHub.unpackInto(folder);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    private void start(String security) throws Exception {
        hub.configure("""
                transports: { http: { port: %d } }
                backends: { archive: { type: filesystem, path: events } }
                %s
                """.formatted(port, security)).start();
    }

    @Test
    void whatWasAcknowledgedIsInTheTraceAtOnce() throws Exception {
        start("");
        for (int i = 0; i < 50; i++) {
            post("""
                    {"v":1,"src":"web","ts":1697821234567,"type":"span","tid":"t%1$d","sid":"a","data":{"name":"GET /","start":1697821234000,"end":null,"status":"","tags":{}}}
                    {"v":1,"src":"db","ts":1697821234568,"type":"span","tid":"t%1$d","sid":"b","pid":"a","data":{"name":"select","start":1697821234100,"end":1697821234400,"status":"error","tags":{"rows":"3"}}}
                    {"v":1,"src":"web","ts":1697821234569,"type":"progress","tid":"t%1$d","data":{"job_id":"j%1$d","percent":40,"status":"copying"}}
                    """.formatted(i), "");
            assertThat(pages.status("/v1/traces/t" + i)).as("trace %d, right after its acknowledgement", i).isEqualTo(200);
        }
        JsonNode trace = json("/v1/traces/t49");
        assertThat(trace.get("status").asText()).isEqualTo("open");
        assertThat(trace.findValuesAsText("sid")).containsExactly("a", "b");
        assertThat(trace.get("spans").get(1).toString()).isEqualTo("{\"sid\":\"b\",\"pid\":\"a\",\"src\":\"db\",\"name\":\"select\","
                + "\"start\":1697821234100,\"end\":1697821234400,\"duration_ms\":300,\"status\":\"error\",\"tags\":{\"rows\":\"3\"}}");
        assertThat(json("/v1/traces/j49")).as("the trace of a job").isEqualTo(trace);
        assertThat(json("/v1/jobs/j49").get("percent").asDouble()).isEqualTo(40);
        assertThat(json("/v1/traces").get("traces")).hasSize(20);
        assertThat(json("/v1/traces?limit=50").get("traces")).hasSize(50);
        assertThat(json("/v1/jobs?limit=3").get("jobs").findValuesAsText("job_id")).containsExactly("j49", "j48", "j47");
        assertThat(pages.status("/v1/traces/nobody")).isEqualTo(404);
        assertThat(pages.body("/v1/jobs/nobody")).isEqualTo("{\"error\":\"no job 'nobody' is known\"}\n");
        assertThat(pages.status("/v1/jobs?limit=0")).isEqualTo(400);
    }

    @Test
    void whereTokensAreWantedOnlyOneThatMayReadSeesWhatOthersSent() throws Exception {
        start("security: { tokens: { reader: { token: %s, read: true }, sender: { token: %s } } }".formatted(READER, SENDER));
        post("{\"v\":1,\"src\":\"web\",\"ts\":1697821234567,\"type\":\"progress\",\"data\":{\"job_id\":\"j\",\"percent\":1,\"status\":\"\"}}\n", SENDER);
        assertThat(pages.status("/v1/jobs")).isEqualTo(401);
        assertThat(read("/v1/jobs", SENDER).statusCode()).isEqualTo(403);
        assertThat(read("/v1/jobs", "x".repeat(30)).statusCode()).isEqualTo(403);
        assertThat(read("/v1/jobs/j", READER).statusCode()).isEqualTo(200);
        assertThat(pages.status("/health")).as("probes have no token").isEqualTo(200);
    }

    private HttpResponse<String> read(String page, String token) {
        return pages.send(pages.request(page).header("Authorization", "Bearer " + token));
    }

    private void post(String lines, String token) {
        HttpRequest.Builder request = pages.request("/v1/ingest/events").POST(HttpRequest.BodyPublishers.ofString(lines));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        assertThat(pages.send(request).statusCode()).isEqualTo(202);
    }

    private JsonNode json(String page) throws IOException {
        return new ObjectMapper().readTree(pages.body(page));
    }
}
