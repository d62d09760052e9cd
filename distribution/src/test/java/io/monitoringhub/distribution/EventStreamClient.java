package io.monitoringhub.distribution;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A client of {@code /v1/stream} that reads one event after the other. Used by one thread. */
final class EventStreamClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;

    private final HttpURLConnection connection;
    private BufferedReader lines;

    /** A block that carries data. */
    record Event(String id, String name, String data) {
    }

    /** @param headers further ones, by name */
    EventStreamClient(int port, String query, Map<String, String> headers) throws IOException {
        connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/v1/stream" + query).toURL().openConnection();
        connection.setReadTimeout(PATIENCE_MILLIS);
        headers.forEach(connection::setRequestProperty);
    }

    int status() throws IOException {
        return connection.getResponseCode();
    }

    /** The answer of a refusal. */
    String refusal() throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    String header(String name) {
        return connection.getHeaderField(name);
    }

    /** The next one; empty when the stream has ended. */
    Optional<Event> next() throws IOException {
        if (lines == null) {
            lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        }
        String id = "";
        String name = "message";
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data.append(line.substring(6));
            } else if (line.isEmpty() && data.length() > 0) {
                return Optional.of(new Event(id, name, data.toString()));
            }
        }
        return Optional.empty();
    }

    List<Event> next(int count) throws IOException {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(next().orElseThrow(() -> new AssertionError("the stream ended after " + events)));
        }
        return events;
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
