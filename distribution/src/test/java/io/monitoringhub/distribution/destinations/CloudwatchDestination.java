package io.monitoringhub.distribution.destinations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.testservers.MotoServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** CloudWatch Logs, played by moto, gets entries of all types. moto's memory does not outlive it, so {@link #kill} makes it unreachable. */
final class CloudwatchDestination extends ServerDestination<MotoServer> {

    private static final String GROUP = "load";
    private static final int PAGE = 10_000;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    @Override
    public String type() {
        return "cloudwatch";
    }

    @Override
    MotoServer in(Path folder) throws Exception {
        return new MotoServer(folder);
    }

    @Override
    public String settings() {
        return "region: eu-central-1, logs_endpoint: \"%s\", metrics_endpoint: \"%s\", access_key: test, secret_key: test, log_group: %s, metric_types: none, linger_ms: 20"
                .formatted(server().uri(), server().uri(), GROUP);
    }

    /** By the offsets that are stored with the events. */
    @Override
    public List<Long> held() throws Exception {
        List<JsonNode> messages = new ArrayList<>();
        for (JsonNode stream : ask("DescribeLogStreams", Map.of("logGroupName", GROUP)).path("logStreams")) {
            String name = stream.path("logStreamName").asText();
            String token = "";
            while (true) {
                Map<String, Object> question = Map.of("logGroupName", GROUP, "logStreamName", name, "startFromHead", true, "limit", PAGE);
                JsonNode page = ask("GetLogEvents", token.isEmpty() ? question : with(question, "nextToken", token));
                for (JsonNode event : page.path("events")) {
                    messages.add(json.readTree(event.path("message").asText()));
                }
                String next = page.path("nextForwardToken").asText();
                if (page.path("events").isEmpty() || next.equals(token)) {
                    break;
                }
                token = next;
            }
        }
        messages.sort(Comparator.comparingLong(message -> message.path("log_offset").asLong()));
        return messages.stream().map(message -> message.path("data").path("bench").asLong()).toList();
    }

    private static Map<String, Object> with(Map<String, Object> question, String name, String value) {
        Map<String, Object> longer = new HashMap<>(question);
        longer.put(name, value);
        return longer;
    }

    private JsonNode ask(String action, Map<String, Object> question) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server().uri()).header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "Logs_20140328." + action)
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261122/eu-central-1/logs/aws4_request, SignedHeaders=host, Signature=none")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(question))).build();
        HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException(action + " was answered " + answer.statusCode() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return json.readTree(answer.body());
    }

    @Override
    public boolean isExactlyOnce() {
        return false;
    }
}
