package io.monitoringhub.plugin.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Requests as a program sends them. */
final class Requests {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpHub hub;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

    Requests(HttpHub hub) {
        this.hub = hub;
    }

    /** An answer, its body read as JSON. */
    record Answered(int status, JsonNode json, HttpResponse<String> response) {

        String error() {
            return json.path("error").path("code").asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    Answered post(String path, String body, String... headers) throws Exception {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    Answered post(String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(hub.uri(path)).POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    Answered send(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answered(response.statusCode(), JSON.readTree(response.body()), response);
    }

    static String message(int number) {
        return "{\"v\":1,\"src\":\"shop\",\"ts\":1697821234567,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"m" + number + "\"}}";
    }

    static String lines(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(message(i)).append('\n');
        }
        return lines.toString();
    }
}
