package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces and jobs by HTTP, from the packaged hub; and all of its pages as the OpenAPI description says. */
class QueryPagesIT {

    private static final String READER = "a-token-that-may-read-everything";
    private static final String SENDER = "a-token-that-may-only-send-things";

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private HubPages pages;
    private DescribedApi api;
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
        api = new DescribedApi(pages.body("/v1/openapi.json"));
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
            assertThat(status("/v1/traces/t" + i)).as("trace %d, right after its acknowledgement", i).isEqualTo(200);
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
        assertThat(status("/v1/traces/nobody")).isEqualTo(404);
        assertThat(get("/v1/jobs/nobody").body()).isEqualTo("{\"error\":\"no job 'nobody' is known\"}\n");
        assertThat(status("/v1/jobs?limit=0")).isEqualTo(400);
        everyPageIsDescribedAsItIs();
    }

    private void everyPageIsDescribedAsItIs() throws IOException {
        post("""
                {"v":1,"src":"web","ts":1697821234567,"type":"span","tid":"odd","sid":"a","data":{"name":"late","start":1697821234500,"end":1697821234600}}
                {"v":1,"src":"db","ts":1697821234568,"type":"span","tid":"odd","sid":"b","pid":"a","data":{"name":"early","start":1697821234400,"end":null}}
                {"v":1,"src":"db","ts":1697821234568,"type":"span","tid":"odd","sid":"c","pid":"lost","data":{"name":"alone","start":1697821234400,"end":null}}
                """, "");
        assertThat(get("/v1/traces/odd").body()).contains("clock_skew", "\"orphan\":true");
        for (String page : List.of("/health", "/ready", "/metrics", "/v1/openapi.json")) {
            assertThat(status(page)).as(page).isEqualTo(200);
        }
        HttpResponse<String> openMetrics = pages.send(pages.request("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
        assertThat(openMetrics.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
        api.check("GET", "/metrics", openMetrics);
        assertThat(status("/v1/stream?level=loud")).isEqualTo(400);
        try (EventStreamClient stream = new EventStreamClient(port, "", Map.of())) {
            assertThat(api.answer("GET", "/v1/stream", stream.status()).get("content").has(stream.header("Content-Type").replaceFirst(";.*", ""))).isTrue();
        }
        for (String batch : List.of("/v1/ingest/batch", "/v1/ingest/events:batch")) {
            api.check("POST", batch, pages.send(pages.request(batch).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("[7]"))));
        }
        for (String address : api.addresses()) {
            HttpResponse<String> refused = pages.send(pages.request(address.replace("{id}", "t1")).DELETE());
            assertThat(refused.statusCode()).as(address).isEqualTo(405);
            api.check("DELETE", address.replace("{id}", "t1"), refused);
        }
        assertThat(api.asked()).isEqualTo(api.addresses()).isEqualTo(served());
    }

    /** The addresses for which servlets are registered. */
    private Set<String> served() {
        return Pattern.compile("servlet\\.pattern = (.*)").matcher(hub.ask("inspect capability service")).results()
                .flatMap(found -> Stream.of(found.group(1).strip().split(", "))).map(pattern -> pattern.replaceFirst("\\*$", "{id}"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whereTokensAreWantedOnlyOneThatMayReadSeesWhatOthersSent() throws Exception {
        start("security: { tokens: { reader: { token: %s, read: true }, sender: { token: %s } } }".formatted(READER, SENDER));
        post("{\"v\":1,\"src\":\"web\",\"ts\":1697821234567,\"type\":\"progress\",\"data\":{\"job_id\":\"j\",\"percent\":1,\"status\":\"\"}}\n", SENDER);
        assertThat(status("/v1/jobs")).isEqualTo(401);
        assertThat(status("/v1/stream")).isEqualTo(401);
        assertThat(read("/v1/jobs", SENDER).statusCode()).isEqualTo(403);
        assertThat(read("/v1/jobs", "x".repeat(30)).statusCode()).isEqualTo(403);
        assertThat(read("/v1/jobs/j", READER).statusCode()).isEqualTo(200);
        assertThat(status("/health")).as("probes have no token").isEqualTo(200);
    }

    private HttpResponse<String> read(String page, String token) throws IOException {
        HttpResponse<String> answer = pages.send(pages.request(page).header("Authorization", "Bearer " + token));
        api.check("GET", page, answer);
        return answer;
    }

    private int status(String page) throws IOException {
        return get(page).statusCode();
    }

    /** A page, which has to be as it is described. */
    private HttpResponse<String> get(String page) throws IOException {
        HttpResponse<String> answer = pages.get(page);
        api.check("GET", page, answer);
        return answer;
    }

    private void post(String lines, String token) throws IOException {
        HttpRequest.Builder request = pages.request("/v1/ingest/events").POST(HttpRequest.BodyPublishers.ofString(lines));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer = pages.send(request);
        assertThat(answer.statusCode()).isEqualTo(202);
        api.check("POST", "/v1/ingest/events", answer);
    }

    private JsonNode json(String page) throws IOException {
        return new ObjectMapper().readTree(get(page).body());
    }
}
