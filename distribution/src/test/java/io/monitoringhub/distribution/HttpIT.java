package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages by HTTP into the hub as it is shipped, with the real HTTP Whiteboard. */
class HttpIT {

    private static final String JAR = "transport-http.jar";

    @TempDir
    private Path folder;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private PackagedHub hub;
    private int port;

    @BeforeEach
    void unpack() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder);
        configure("{ port: " + port + " }");
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void whatWasAcceptedIsThereAfterKill9AndTheSameKeyStoresItOnce() throws Exception {
        hub.start();
        assertThat(post("/v1/ingest/events", message(1), "key-1").body()).contains("\"accepted\":1");
        hub.kill();
        hub.start();
        assertThat(post("/v1/ingest/events", message(1), "key-1").body()).contains("\"known\":1");
        assertThat(post("/v1/ingest/events", message(2), "key-2").body()).contains("\"accepted\":1");
        hub.waitUntil("both are in the files", () -> stored().size() == 2, () -> "" + stored());
        assertThat(stored()).containsExactlyInAnyOrder(message(1), message(2));
    }

    @Test
    void theOlderJobFormatIsATraceAndAJob() throws Exception {
        hub.start();
        String job = """
                [{"idempotency_key":"%1$s-1","site_id":"fab1","app":{"name":"planner"},"entity":{"type":"order","id":"%1$s"},
                  "event":{"kind":"started","at":1697821234567}},
                 {"idempotency_key":"%1$s-2","site_id":"fab1","app":{"name":"planner"},"entity":{"type":"order","id":"%1$s"},
                  "event":{"kind":"finished","at":1697821235567,"metrics":{"items":12}}}]
                """.formatted("job-4711");
        assertThat(post("/v1/ingest/batch", job, "").body()).startsWith("{\"accepted\":2,\"known\":0,\"refused\":0");
        assertThat(post("/v1/ingest/batch", job, "").body()).startsWith("{\"accepted\":0,\"known\":2,\"refused\":0");
        hub.waitUntil("the job is known", () -> hub.ask("hub:jobs").contains("job-4711"), () -> hub.ask("hub:jobs"));
        hub.waitUntil("its trace has an end", () -> hub.ask("hub:trace job-4711").contains("1.0 s") || hub.ask("hub:trace job-4711").contains("1 s")
                || hub.ask("hub:trace job-4711").contains("1000 ms") || hub.ask("hub:trace job-4711").contains("1.00 s"), () -> hub.ask("hub:trace job-4711"));
    }

    @Test
    void replacingTheJarUnderLoadAnswersEveryRequestAndStoresEveryMessageOnce() throws Exception {
        hub.start();
        Path original = Files.copy(hub.plugins().resolve(JAR), folder.resolve("original.jar"));
        Load load = new Load();
        load.start(4);
        try {
            for (int round = 1; round <= 5; round++) {
                String version = "1." + round + ".0";
                load.awaitFurther(20);
                hub.drop(LoadedHub.withVersion(original, version, folder.resolve("next.jar")), JAR);
                hub.waitForPlugin(JAR, version);
            }
            load.awaitFurther(20);
        } finally {
            load.stop();
        }
        assertThat(load.surprises).as(() -> hub.logTail(100)).isEmpty();
        hub.waitUntil("all is in the files", () -> stored().size() >= load.stored.get(), () -> stored().size() + " of " + load.stored);
        assertThat(stored()).hasSize((int) load.stored.get());
        Set<String> different = new HashSet<>(stored());
        assertThat(different).hasSize((int) load.stored.get());
    }

    @Test
    void tlsIsSpokenWhereItIsConfigured() throws Exception {
        Path data = Files.createDirectories(hub.data());
        assertThat(hub.run(List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", data.resolve("hub.key").toString(), "-out",
                data.resolve("hub.pem").toString(), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")).exitCode())
                .isZero();
        configure("{ port: " + port + ", tls.certificate: hub.pem, tls.key: hub.key }");
        hub.start();
        String address = "localhost:" + port + "/v1/ingest/events";
        List<String> command = new ArrayList<>(List.of("curl", "-s", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-d", message(1)));
        PackagedHub.Outcome trusting = hub.run(Stream.concat(command.stream(), Stream.of("--cacert", data.resolve("hub.pem").toString(),
                "https://" + address)).toList());
        assertThat(trusting.output()).contains("\"accepted\":1").endsWith("202");
        assertThat(hub.run(Stream.concat(command.stream(), Stream.of("https://" + address)).toList()).output()).isEqualTo("000");
        assertThat(hub.run(Stream.concat(command.stream(), Stream.of("http://" + address)).toList()).output()).endsWith("000");
    }

    @Test
    void otherBundlesHavePagesOnTheSamePort() throws Exception {
        hub.start();
        assertThat(get("/greeting").statusCode()).isEqualTo(404);
        hub.drop(TestBundle.of("test.greeting", "1.0.0").activator("greeting.Activator", """
                java.util.Hashtable<String, Object> properties = new java.util.Hashtable<>();
                properties.put("osgi.http.whiteboard.servlet.pattern", "/greeting");
                context.registerService(jakarta.servlet.Servlet.class, new jakarta.servlet.http.HttpServlet() {
                    @Override
                    protected void doGet(jakarta.servlet.http.HttpServletRequest in, jakarta.servlet.http.HttpServletResponse out)
                            throws java.io.IOException {
                        out.getWriter().print("good day");
                    }
                }, properties);
                """).header("Import-Package", "org.osgi.framework,jakarta.servlet,jakarta.servlet.http").writeTo(folder, hub), "greeting.jar");
        hub.waitForPlugin("greeting.jar", "active");
        hub.waitUntil("the page is there", () -> page("/greeting").equals("good day"), () -> page("/greeting"));
        assertThat(get("/v1/openapi.json").body()).contains("\"openapi\"");
    }

    private void configure(String http) throws IOException {
        hub.configure("""
                transports: { http: %s }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(http));
    }

    private HttpResponse<String> post(String path, String body, String key) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String page(String path) {
        try {
            return get(path).body();
        } catch (IOException notYet) {
            return notYet.toString();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private List<String> stored() {
        return EventFiles.lines(hub.data().resolve("events"));
    }

    private static String message(int number) {
        return "{\"v\":1,\"src\":\"shop\",\"ts\":1697821234567,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"m" + number + "\"}}";
    }

    /** Clients that open a connection for each request, and repeat what was not answered by 202. */
    private final class Load {

        private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
        private final AtomicLong stored = new AtomicLong();
        private final AtomicLong numbers = new AtomicLong();
        private final AtomicBoolean enough = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        void start(int clients) {
            for (int i = 0; i < clients; i++) {
                Thread thread = new Thread(this::send, "http-client-" + i);
                threads.add(thread);
                thread.start();
            }
        }

        void awaitFurther(long count) {
            long until = stored.get() + count;
            hub.waitUntil(count + " more are stored", () -> stored.get() >= until || !surprises.isEmpty(), () -> stored + " are " + surprises);
        }

        void stop() throws InterruptedException {
            enough.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private void send() {
            while (!enough.get()) {
                int number = (int) numbers.incrementAndGet();
                while (surprises.isEmpty() && !isStored(number)) {
                    Thread.onSpinWait();
                }
                if (surprises.isEmpty()) {
                    stored.incrementAndGet();
                }
            }
        }

        private boolean isStored(int number) {
            String body = message(number);
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(("POST /v1/ingest/events HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: application/json"
                        + "\r\nIdempotency-Key: n" + number + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.UTF_8));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!answer.startsWith("HTTP/1.1 202") && !answer.startsWith("HTTP/1.1 503")) {
                    surprises.add(number + ": " + answer);
                }
                return answer.startsWith("HTTP/1.1 202");
            } catch (IOException refusedOrBroken) {
                surprises.add(number + ": " + refusedOrBroken);
                return false;
            }
        }
    }
}
