package io.monitoringhub.sdk.direct;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPInputStream;

/** The faults of a hub's HTTP transport, which a real one shows only now and then. It remembers keys as a hub does. Thread-safe. */
final class ScriptedHttp implements AutoCloseable {

    /** What came. Immutable. */
    record Request(String key, String authorization, List<String> lines) {
    }

    /** What to do with a request: a status, or 0 to break the connection. */
    interface Script {
        int answer(Request request, int number) throws InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Request> requests = new ArrayList<>();
    private final Map<String, List<String>> stored = new LinkedHashMap<>();
    private Script script = (request, number) -> 202;

    ScriptedHttp() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/ingest/batch", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    synchronized ScriptedHttp plays(Script answers) {
        script = answers;
        return this;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Each key's lines once. */
    synchronized List<String> stored() {
        return stored.values().stream().flatMap(List::stream).toList();
    }

    synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + what + "; " + requests.size() + " requests");
            }
            wait(10);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(new GZIPInputStream(exchange.getRequestBody()).readAllBytes(), StandardCharsets.UTF_8);
            Request request = new Request(exchange.getRequestHeaders().getFirst("Idempotency-Key"), exchange.getRequestHeaders().getFirst("Authorization"),
                    body.lines().toList());
            int number;
            Script now;
            synchronized (this) {
                requests.add(request);
                number = requests.size();
                now = script;
                notifyAll();
            }
            int status = now.answer(request, number);
            synchronized (this) {
                if (status == 202 || status == 0) {
                    stored.putIfAbsent(request.key, request.lines);
                }
            }
            if (status != 0) {
                byte[] answer = "{\"accepted\":1,\"known\":0,\"refused\":0,\"errors\":[]}".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(status, answer.length);
                exchange.getResponseBody().write(answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
