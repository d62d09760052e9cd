package io.monitoringhub.plugin.cloudwatch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A port before moto that gives the answers to which moto can't be brought, and passes everything else on. Thread-safe.
 */
final class Front implements AutoCloseable {

    private static final Set<String> OF_THE_CONNECTION = Set.of("host", "connection", "content-length", "expect", "transfer-encoding", "upgrade");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI behind;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Rule rule = (operation, body) -> Optional.empty();

    /** Says which requests get another answer than moto's. */
    interface Rule {
        /** @param body of the request, as text */
        Optional<Answer> answer(String operation, String body);
    }

    /**
     * An answer. @param isLost whether moto gets the request, and the client nothing
     */
    record Answer(int status, String body, Map<String, String> headers, boolean isLost) {

        static Answer error(int status, String code) {
            return new Answer(status, "{\"__type\":\"" + code + "\",\"message\":\"told by the front\"}", Map.of(), false);
        }

        static Answer of(String body) {
            return new Answer(200, body, Map.of(), false);
        }

        static Answer lost() {
            return new Answer(0, "", Map.of(), true);
        }

        Answer with(String header, String value) {
            return new Answer(status, body, Map.of(header, value), isLost);
        }
    }

    Front(URI behind) throws IOException {
        this.behind = behind;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void rule(Rule other) {
        rule = other;
    }

    /** The operations that were asked for, in their order. */
    List<String> asked() {
        return asked;
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        String target = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target")).orElse(path);
        String operation = target.replaceFirst(".*[./]", "");
        asked.add(operation);
        Optional<Answer> answer = rule.answer(operation, new String(body, StandardCharsets.UTF_8));
        if (answer.isEmpty() || answer.get().isLost()) {
            HttpResponse<byte[]> passed = pass(exchange, body);
            if (answer.isEmpty()) {
                passed.headers().map().forEach((name, values) -> {
                    if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
                reply(exchange, passed.statusCode(), passed.body());
            } else {
                exchange.close();
            }
            return;
        }
        answer.get().headers().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        reply(exchange, answer.get().status(), answer.get().body().getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<byte[]> pass(HttpExchange exchange, byte[] body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(behind.resolve(exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException("the test is over", e));
        }
    }

    private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
