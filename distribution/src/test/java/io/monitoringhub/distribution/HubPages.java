package io.monitoringhub.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The pages of a hub for machines that watch it. Used by one thread. */
final class HubPages {

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    /** @param port of the hub's http transport */
    HubPages(int port) {
        this.port = port;
    }

    int status(String page) {
        return get(page).statusCode();
    }

    String body(String page) {
        return get(page).body();
    }

    HttpResponse<String> get(String page) {
        return send(request(page));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while asking the hub", e);
        }
    }

    HttpRequest.Builder request(String page) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page));
    }

    /** The fields of one component of {@code /health} or {@code /ready}; its state is {@code not there} if it isn't. */
    Map<String, String> component(String page, String name) {
        try {
            for (JsonNode each : new ObjectMapper().readTree(body(page)).get("components")) {
                if (each.get("component").asText().equals(name)) {
                    Map<String, String> fields = new TreeMap<>();
                    each.fields().forEachRemaining(field -> fields.put(field.getKey(), field.getValue().asText()));
                    return fields;
                }
            }
            return Map.of("state", "not there");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All samples of {@code /metrics}, by name and labels. */
    Map<String, Double> metrics() {
        return body("/metrics").lines().filter(line -> !line.startsWith("#")).collect(Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')), line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
    }
}
