package io.monitoringhub.plugin.http;

import static io.monitoringhub.plugin.http.Requests.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.testkit.Await;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The transport goes and comes again while clients connect for each request. */
@Timeout(180)
class ReplacementTest {

    private static final int SWAPS = 8;
    private static final int AT_ONCE = 40;

    @TempDir
    private Path folder;
    private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
    private final AtomicLong stored = new AtomicLong();
    private final AtomicBoolean enough = new AtomicBoolean();

    @Test
    void nobody_is_refused_or_cut_off_and_every_message_is_stored_once() throws Exception {
        try (HttpHub hub = HttpHub.start(folder, Map.of())) {
            int port = hub.port();
            List<Thread> clients = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                String name = "client-" + client;
                Thread thread = new Thread(() -> send(port, name), name);
                thread.start();
                clients.add(thread);
            }
            for (int swap = 0; swap < SWAPS; swap++) {
                long until = stored.get() + 20;
                Await.until("requests are answered", () -> stored.get() >= until || !surprises.isEmpty());
                hub.stopTransport();
                // The same configuration: the socket that was kept is taken again.
                hub.startTransport(Map.of());
            }
            enough.set(true);
            for (Thread client : clients) {
                client.join();
            }
            assertThat(surprises).isEmpty();
            assertThat(hub.stored()).hasSize((int) stored.get());
            Await.until("one timer is left", () -> Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("hub-http-timer")).count() == 1);
        }
        Await.until("no thread of the server is left", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("hub-http")));
    }

    /** The hub hands over all who wait in the listening socket before it lets go of it; the server's selector may not have seen them yet. */
    @Test
    void who_has_connected_when_the_transport_goes_is_answered() throws Exception {
        try (HttpHub hub = HttpHub.start(folder, Map.of())) {
            for (int swap = 0; swap < SWAPS; swap++) {
                List<Socket> sockets = new ArrayList<>();
                try {
                    for (int i = 0; i < AT_ONCE; i++) {
                        sockets.add(new Socket("127.0.0.1", hub.port()));
                        ask(sockets.get(i), "swap-" + swap + "-" + i);
                    }
                    hub.stopTransport();
                    for (Socket socket : sockets) {
                        assertThat(answer(socket)).startsWith("HTTP/1.1 202");
                    }
                } finally {
                    for (Socket socket : sockets) {
                        socket.close();
                    }
                }
                hub.startTransport(Map.of());
            }
            assertThat(hub.stored()).hasSize(SWAPS * AT_ONCE);
        }
    }

    @Test
    void who_pauses_in_the_middle_of_a_body_when_the_transport_goes_is_waited_for_and_else_told_to_come_again() throws Exception {
        try (HttpHub hub = HttpHub.start(folder, Map.of()); Socket slow = new Socket("127.0.0.1", hub.port());
                Socket stuck = new Socket("127.0.0.1", hub.port()); Socket idle = new Socket("127.0.0.1", hub.port())) {
            String slowRequest = request("slow");
            begin(slow, slowRequest);
            begin(stuck, request("stuck"));
            // Longer than a connection without a request may stay.
            Thread.sleep(300);
            Thread swap = new Thread(() -> stop(hub), "swap");
            swap.start();
            assertThat(answer(idle)).as("closed before the others, which have more time").isEmpty();
            slow.getOutputStream().write(slowRequest.substring(slowRequest.length() - 10).getBytes(StandardCharsets.UTF_8));
            assertThat(answer(slow)).startsWith("HTTP/1.1 202");
            assertThat(answer(stuck)).startsWith("HTTP/1.1 503").contains("\"unavailable\"", "send the request again");
            swap.join();
            assertThat(hub.stored()).hasSize(1);
            hub.startTransport(Map.of());
        }
    }

    /** All but the end of it; the server has asked for its body. */
    private static void begin(Socket socket, String request) throws IOException {
        socket.setSoTimeout(30_000);
        int body = request.indexOf("\r\n\r\n") + 2;
        socket.getOutputStream().write((request.substring(0, body) + "Expect: 100-continue\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        String goOn = "HTTP/1.1 100 Continue\r\n\r\n";
        assertThat(new String(socket.getInputStream().readNBytes(goOn.length()), StandardCharsets.UTF_8)).isEqualTo(goOn);
        socket.getOutputStream().write(request.substring(body + 2, request.length() - 10).getBytes(StandardCharsets.UTF_8));
    }

    private static void stop(HttpHub hub) {
        try {
            hub.stopTransport();
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void ask(Socket socket, String key) throws IOException {
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(request(key).getBytes(StandardCharsets.UTF_8));
    }

    private static String request(String key) {
        String body = message(1);
        return "POST /v1/ingest/events HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: " + key
                + "\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void send(int port, String name) {
        for (int number = 0; !enough.get(); number++) {
            store(port, name + "-" + number);
            stored.incrementAndGet();
        }
    }

    private void store(int port, String key) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            ask(socket, key);
            String answer = answer(socket);
            if (!answer.startsWith("HTTP/1.1 202")) {
                surprises.add(key + ": " + answer);
            }
        } catch (IOException broken) {
            surprises.add(key + ": " + broken);
        }
    }
}
