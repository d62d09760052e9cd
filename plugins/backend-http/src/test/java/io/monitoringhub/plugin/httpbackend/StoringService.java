package io.monitoringhub.plugin.httpbackend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A service of somebody else's that stores entries by HTTP and keeps, with them, the highest offset of each sender. It outlives its
 * clients. Answers that were ordered come first. Thread-safe.
 */
final class StoringService implements AutoCloseable {

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Object lock = new Object();
    private final List<String> stored = new ArrayList<>();
    private final Map<String, Long> highest = new HashMap<>();
    private final Deque<Ordered> ordered = new ArrayDeque<>();
    private final List<Seen> seen = new ArrayList<>();

    /** What to answer instead. */
    record Ordered(int status, String body, Map<String, String> headers, boolean storesFirst) { }

    /** A request as it came. */
    record Seen(String method, URI uri, Map<String, List<String>> headers, String body) {

        String header(String name) {
            return headers.entrySet().stream().filter(each -> each.getKey().equalsIgnoreCase(name)).map(each -> each.getValue().get(0)).findFirst()
                    .orElse("");
        }
    }

    private StoringService(HttpServer server) {
        this.server = server;
        this.threads = new ThreadPoolExecutor(4, 4, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
        threads.prestartAllCoreThreads();
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    static StoringService start() throws IOException {
        return new StoringService(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** With TLS that wants a certificate of its clients. */
    static StoringService start(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        return new StoringService(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/store?from=hub";
    }

    /** The next request gets this answer; nothing of it is stored. */
    void order(int status, String body, Map<String, String> headers) {
        synchronized (lock) {
            ordered.add(new Ordered(status, body, headers, false));
        }
    }

    /** The next request is stored, and its answer does not come: the connection ends. */
    void orderLostAnswer() {
        synchronized (lock) {
            ordered.add(new Ordered(0, "", Map.of(), true));
        }
    }

    List<String> stored() {
        synchronized (lock) {
            return List.copyOf(stored);
        }
    }

    List<Seen> seen() {
        synchronized (lock) {
            return List.copyOf(seen);
        }
    }

    void forgetAll() {
        synchronized (lock) {
            stored.clear();
            highest.clear();
            ordered.clear();
            seen.clear();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            InputStream in = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                    ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
            String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Optional<Ordered> answer;
            synchronized (lock) {
                seen.add(new Seen(exchange.getRequestMethod(), exchange.getRequestURI(), Map.copyOf(exchange.getRequestHeaders()), body));
                answer = Optional.ofNullable(ordered.poll());
                if (answer.isEmpty() || answer.get().storesFirst()) {
                    store(exchange, body);
                }
            }
            if (answer.isPresent() && answer.get().status() == 0) {
                return;
            }
            byte[] text = answer.map(Ordered::body).orElse("stored\n").getBytes(StandardCharsets.UTF_8);
            answer.ifPresent(each -> each.headers().forEach(exchange.getResponseHeaders()::set));
            exchange.sendResponseHeaders(answer.map(Ordered::status).orElse(200), text.length);
            exchange.getResponseBody().write(text);
        }
    }

    private void store(HttpExchange exchange, String body) {
        String sender = exchange.getRequestHeaders().getFirst("Monitoring-Hub-Sender");
        List<String> lines = body.lines().toList();
        boolean isLines = "application/x-ndjson".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (sender == null || !isLines) {
            stored.addAll(lines);
            return;
        }
        String[] numbers = exchange.getRequestHeaders().getFirst("Monitoring-Hub-Offsets").split(" ");
        long offset = Long.parseLong(numbers[0]);
        int line = 0;
        for (int run = 1; run < numbers.length; run++) {
            for (long left = Long.parseLong(numbers[run]); left > 0; left--, offset++) {
                if (run % 2 == 1 && offset > highest.getOrDefault(sender, -1L)) {
                    stored.add(lines.get(line));
                    highest.put(sender, offset);
                }
                line += run % 2;
            }
        }
        if (line != lines.size()) {
            throw new IllegalStateException(line + " offsets of " + lines.size() + " lines");
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
