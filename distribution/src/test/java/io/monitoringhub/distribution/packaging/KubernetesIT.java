package io.monitoringhub.distribution.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.monitoringhub.distribution.PackagedHub;
import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests against Kubernetes' own description of them, and against a hub that runs with the configuration in them. */
class KubernetesIT {

    /** HubProcess gives up a drain after these seconds. */
    private static final int HUB_GIVES_UP = 120;

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @TempDir
    private Path folder;

    /** Kinds that may stand in a manifest, and what knows their fields: an unknown one, or a missing one, is refused. */
    private enum Kind {
        ConfigMap { @Override void check(String json) throws IOException { V1ConfigMap.validateJsonElement(JsonParser.parseString(json)); } },
        DaemonSet { @Override void check(String json) throws IOException { V1DaemonSet.validateJsonElement(JsonParser.parseString(json)); } },
        Deployment { @Override void check(String json) throws IOException { V1Deployment.validateJsonElement(JsonParser.parseString(json)); } },
        PodDisruptionBudget { @Override void check(String json) throws IOException { V1PodDisruptionBudget.validateJsonElement(JsonParser.parseString(json)); } };

        abstract void check(String json) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "daemonset"})
    void areWhatKubernetesTakes(String manifest) throws Exception {
        Map<Kind, JsonNode> documents = read(manifest);
        for (Map.Entry<Kind, JsonNode> document : documents.entrySet()) {
            String json = document.getValue().toString();
            document.getKey().check(json);
            assertThatThrownBy(() -> document.getKey().check(json.replaceFirst("\"metadata\"", "\"metdata\""))).hasMessageContaining("metdata");
        }
        JsonNode pod = podOf(documents);
        Set<String> volumes = names(pod.get("volumes"));
        for (JsonNode container : containers(pod)) {
            assertThat(volumes).as("volumes").containsAll(names(container.path("volumeMounts")));
            assertThat(container.at("/resources/requests/memory").isMissingNode()).as("a request for memory").isFalse();
            assertThat(container.at("/resources/limits/memory").isMissingNode()).as("a limit of memory").isFalse();
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(container.at("/securityContext/capabilities/drop/0").asText()).isEqualTo("ALL");
        }
        JsonNode hub = hubOf(pod);
        assertThat(hub.get("image").asText()).isEqualTo("monitoring-hub:" + version());
        Containerfile image = Containerfile.read(Path.of("src/main/deploy/container/Containerfile"));
        assertThat(hub.at("/securityContext/runAsUser").asText() + ":" + hub.at("/securityContext/runAsGroup").asText()).isEqualTo(image.one("USER").arguments());
        assertThat(hub.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(hub.get("volumeMounts")).extracting(each -> each.get("mountPath").asText())
                .as("where the image's hub reads and writes, and Java's temporary files").contains(image.environment().get("HUB_DATA"),
                        Path.of(image.environment().get("HUB_CONF")).getParent().toString(), "/tmp");
        assertThat(pod.get("terminationGracePeriodSeconds").asInt()).isGreaterThan(HUB_GIVES_UP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "daemonset"})
    void runAHubThatAnswersTheirProbes(String manifest) throws Exception {
        Map<Kind, JsonNode> documents = read(manifest);
        JsonNode hubContainer = hubOf(podOf(documents));
        String yaml = documents.get(Kind.ConfigMap).at("/data/hub.yaml").asText();
        JsonNode settings = YAML.readTree(yaml);
        assertThat(drainSeconds(settings)).as("stop.drain").isBetween(1, HUB_GIVES_UP - 1);
        PackagedHub packaged = PackagedHub.unpackInto(folder).configure(yaml);
        for (JsonNode variable : hubContainer.path("env")) {
            packaged.with(variable.get("name").asText(), "a-token-for-this-test");
        }
        PackagedHub.Outcome check = packaged.hub("check");
        assertThat(check.exitCode()).as(check.output()).isZero();
        assertThat(check.output()).contains("all well");

        Map<Integer, Integer> ports = new LinkedHashMap<>();
        settings.get("transports").fields().forEachRemaining(transport -> {
            if (transport.getValue().has("port")) {
                ports.put(transport.getValue().get("port").asInt(), freePort());
                packaged.with("HUB_TRANSPORTS_" + transport.getKey().toUpperCase() + "_PORT", ports.get(transport.getValue().get("port").asInt()).toString());
                packaged.with("HUB_TRANSPORTS_" + transport.getKey().toUpperCase() + "_BIND", "127.0.0.1");
            }
            if (transport.getValue().has("path")) {
                packaged.with("HUB_TRANSPORTS_" + transport.getKey().toUpperCase() + "_PATH", folder.resolve("in.sock").toString());
            }
        });
        Map<String, Integer> named = new LinkedHashMap<>();
        hubContainer.get("ports").forEach(port -> named.put(port.get("name").asText(), port.get("containerPort").asInt()));
        assertThat(named.values()).as("ports of the container and of the hub").containsExactlyInAnyOrderElementsOf(ports.keySet());
        try (PackagedHub hub = packaged.start()) {
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                JsonNode request = hubContainer.get(probe).get("httpGet");
                int port = ports.get(named.get(request.get("port").asText()));
                hub.waitUntil(probe + " succeeds", () -> status(port, request.get("path").asText(), "GET") == 200);
            }
            int http = ports.get(named.get("hub-http"));
            assertThat(status(http, "/v1/ingest/events", "POST")).as("nobody sends to this port without a token").isEqualTo(401);
            assertThat(hub.stop().exitCode()).isZero();
        }
    }

    private static Map<Kind, JsonNode> read(String manifest) throws IOException {
        Map<Kind, JsonNode> documents = new LinkedHashMap<>();
        try (var all = YAML.readerFor(JsonNode.class).<JsonNode>readValues(Files.readString(Path.of("src/main/deploy/kubernetes", manifest + ".yaml")))) {
            while (all.hasNext()) {
                JsonNode document = all.next();
                assertThat(documents.put(Kind.valueOf(document.get("kind").asText()), document)).as("one of each kind").isNull();
            }
        }
        assertThat(documents).containsKey(Kind.ConfigMap).hasSizeGreaterThan(1);
        return documents;
    }

    private static JsonNode podOf(Map<Kind, JsonNode> documents) {
        JsonNode workload = documents.containsKey(Kind.DaemonSet) ? documents.get(Kind.DaemonSet) : documents.get(Kind.Deployment);
        assertThat(workload.at("/spec/template/metadata/labels").toString()).isEqualTo(workload.at("/spec/selector/matchLabels").toString());
        return workload.at("/spec/template/spec");
    }

    private static List<JsonNode> containers(JsonNode pod) {
        List<JsonNode> all = new ArrayList<>();
        pod.path("initContainers").forEach(all::add);
        pod.path("containers").forEach(all::add);
        return all;
    }

    private static JsonNode hubOf(JsonNode pod) {
        return containers(pod).stream().filter(each -> each.get("name").asText().equals("hub")).findFirst().orElseThrow();
    }

    private static Set<String> names(JsonNode list) {
        Set<String> names = new TreeSet<>();
        StreamSupport.stream(list.spliterator(), false).forEach(each -> names.add(each.get("name").asText()));
        return names;
    }

    private static int drainSeconds(JsonNode settings) {
        return Integer.parseInt(settings.at("/stop/drain").asText().replaceAll("s$", ""));
    }

    private static String version() {
        return Path.of(System.getProperty("hub.tarball")).getFileName().toString().replaceAll("monitoring-hub-(.*)\\.tar\\.gz", "$1");
    }

    private static int freePort() {
        try {
            return ServerProcess.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int status(int port, String path, String method) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).header("Content-Type", "application/json");
            request.method(method, method.equals("GET") ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString("{\"v\":1,\"src\":\"stranger\",\"ts\":1697821234567,\"type\":\"heartbeat\"}"));
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException notThereYet) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while asking the hub", e);
        }
    }
}
