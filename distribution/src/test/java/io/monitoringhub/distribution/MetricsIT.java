package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The metrics of the packaged hub, and what is written about them. */
class MetricsIT {

    private static final String WRITTEN = "hub_lane_written_entries_total{lane=\"archive\"}";
    /** No token is configured here. */
    private static final String WITH_TOKENS_ONLY = "hub_ingest_token_lines_total";
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (hub_\\w+) (\\w+)$");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(hub_\\w+)` \\| (\\w+) \\|");
    private static final Pattern USED = Pattern.compile("\\b(?:hub|jvm|process)_\\w+");

    @TempDir
    private static Path folder;
    private static PackagedHub hub;
    private static HubPages pages;
    private static int tcp;

    @BeforeAll
    static void start() throws Exception {
        tcp = TestConfiguration.freePort();
        int http = TestConfiguration.freePort();
        pages = new HubPages(http);
        hub = PackagedHub.unpackInto(folder).configure("""
                transports: { tcp: { port: %d }, http: { port: %d } }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(tcp, http));
        hub.start();
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
    }

    @Test
    void theShellRunsTheSameHealthChecks() {
        hub.waitForShell("hc:exec ready", outcome -> outcome.output().contains("lane archive is OK") && outcome.output().contains("log is OK"));
    }

    @Test
    void countersCountWhatWasSent() throws Exception {
        Map<String, Double> before = pages.metrics();
        send(3_000);
        double written = before.get(WRITTEN) + 3_000;
        hub.waitUntil("all is delivered", () -> pages.metrics().get(WRITTEN) == written, () -> pages.metrics().toString());
        Map<String, Double> metrics = pages.metrics();
        assertThat(metrics).containsEntry("hub_ingest_messages_total", before.get("hub_ingest_messages_total") + 3_000)
                .containsEntry("hub_log_next_offset", before.get("hub_log_next_offset") + 3_000)
                .containsEntry("hub_lane_state{lane=\"archive\",hub_lane_state=\"ok\"}", 1.0)
                .containsEntry("hub_lane_state{lane=\"archive\",hub_lane_state=\"failed\"}", 0.0)
                .containsEntry("hub_plugin_info{bundle=\"io.monitoringhub.transport-tcp\",file=\"transport-tcp.jar\",version=\"0.1.0\"}", 1.0);
        assertThat(metrics.get("hub_log_sync_seconds_count")).isPositive();
        assertThat(metrics.get("hub_ingest_append_seconds_bucket{le=\"+Inf\"}")).isEqualTo(metrics.get("hub_log_appended_frames_total"));
        hub.waitUntil("the lane has no lag", () -> pages.metrics().get("hub_lane_lag_entries{lane=\"archive\"}") == 0);
        assertThat(metrics).containsKey("process_resident_memory_bytes").containsKey("jvm_threads_current");
    }

    @Test
    void whoAsksForOpenMetricsGetsIt() throws Exception {
        HttpResponse<String> open = pages.send(pages.request("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
        assertThat(open.headers().firstValue("content-type")).get().asString().startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n").contains("# TYPE hub_ingest_messages counter\n");
        assertThat(pages.get("/metrics").headers().firstValue("content-type")).get().asString().startsWith("text/plain; version=0.0.4");
        assertThat(pages.send(pages.request("/metrics").DELETE()).statusCode()).isEqualTo(405);
    }

    /** docs/metrics.md, the dashboard and the alerts speak of metrics that there are, and the page of all. */
    @Test
    void whatIsWrittenAboutMetricsIsTrue() throws Exception {
        refuseALine();
        swapTheBackend();
        String page = pages.get("/metrics").body();
        Map<String, String> real = TYPE.matcher(page).results().collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));
        Map<String, String> documented = DOCUMENTED.matcher(Files.readString(Path.of("../docs/metrics.md"))).results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2), (one, other) -> one, TreeMap::new));
        assertThat(documented.remove(WITH_TOKENS_ONLY)).isEqualTo("counter");
        assertThat(documented).as("docs/metrics.md").containsExactlyInAnyOrderEntriesOf(real);

        Set<String> samples = page.lines().filter(line -> !line.startsWith("#")).map(line -> line.replaceAll("[{ ].*", "")).collect(Collectors.toSet());
        samples.addAll(real.keySet());
        Path shipped = hub.home().resolve("monitoring");
        JsonNode dashboard = new ObjectMapper().readTree(shipped.resolve("grafana-dashboard.json").toFile());
        assertThat(dashboard.get("panels")).hasSizeGreaterThan(5);
        Set<String> drawn = new TreeSet<>();
        StreamSupport.stream(dashboard.get("panels").spliterator(), false).flatMap(panel -> panel.findValuesAsText("expr").stream())
                .forEach(expression -> drawn.addAll(names(expression)));
        assertThat(drawn).as("metrics in the dashboard").isNotEmpty().isSubsetOf(samples);

        Map<String, Object> rules = new Yaml().load(Files.readString(shipped.resolve("alerts.yml")));
        assertThat(rules).containsOnlyKeys("groups");
        Set<String> watched = new TreeSet<>();
        for (Object group : (Iterable<?>) rules.get("groups")) {
            for (Object rule : (Iterable<?>) ((Map<?, ?>) group).get("rules")) {
                Map<?, ?> alert = (Map<?, ?>) rule;
                assertThat(alert.keySet()).as("%s", alert).map(Object::toString).contains("alert", "expr", "annotations");
                watched.addAll(names((String) alert.get("expr")));
            }
        }
        assertThat(watched).as("metrics in the alerts").isNotEmpty().isSubsetOf(samples);
    }

    private static void send(int messages) throws Exception {
        LoadGenerator.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp)).connections(2).messages(messages).acknowledged(true).build().run();
    }

    private static void refuseALine() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), tcp)) {
            client.getOutputStream().write("garbage\n".getBytes(StandardCharsets.US_ASCII));
            hub.waitUntil("the line is refused", () -> pages.body("/metrics").contains("hub_ingest_refused_total{"));
        }
    }

    private static void swapTheBackend() throws Exception {
        String jar = "backend-filesystem.jar";
        send(1_000);
        hub.drop(LoadedHub.withVersion(hub.plugins().resolve(jar), "1.1.0", folder.resolve("next.jar")), jar);
        hub.waitForPlugin(jar, "1.1.0");
        send(1_000);
        hub.waitUntil("the new instance has delivered", () -> pages.body("/metrics").contains("hub_lane_last_swap_pause_seconds{"));
    }

    /** Labels of the same form stand behind a brace or a comma. */
    private static Set<String> names(String expression) {
        return USED.matcher(expression.replaceAll("\\{[^}]*}", "").replaceAll("\\b(by|without|on|group_left) *\\([^)]*\\)", "")).results()
                .map(MatchResult::group).collect(Collectors.toSet());
    }
}
