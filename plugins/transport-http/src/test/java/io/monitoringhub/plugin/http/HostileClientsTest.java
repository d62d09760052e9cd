package io.monitoringhub.plugin.http;

import static io.monitoringhub.plugin.http.Requests.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients do that mean harm, or are broken: it ends, is said, and disturbs nobody else. */
@Timeout(300)
class HostileClientsTest {

    private static final String HEAD = "POST /v1/ingest/events HTTP/1.1\r\nHost: hub\r\n";

    @TempDir
    private Path folder;
    private HttpHub hub;

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void a_body_that_trickles_is_cut_with_408() throws Exception {
        hub = HttpHub.start(folder, Map.of("min_body_rate", 1024));
        try (Socket slow = connect()) {
            send(slow, HEAD + "Content-Length: 1000000\r\n\r\n{");
            ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "drip"));
            try {
                drip.scheduleAtFixedRate(() -> trickle(slow), 100, 300, TimeUnit.MILLISECONDS);
                assertThat(read(slow)).contains("408").contains("body_too_slow").contains("\"hint\"");
            } finally {
                drip.shutdownNow();
            }
        }
        assertGoodClientIsServed();
    }

    @Test
    void headers_that_trickle_are_cut() throws Exception {
        hub = HttpHub.start(folder, Map.of("header_timeout", 1));
        try (Socket slow = connect()) {
            send(slow, HEAD);
            ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "drip"));
            try {
                drip.scheduleAtFixedRate(() -> trickle(slow), 100, 300, TimeUnit.MILLISECONDS);
                assertThat(read(slow)).isEmpty();
            } finally {
                drip.shutdownNow();
            }
        }
        assertGoodClientIsServed();
    }

    @Test
    void a_connection_on_which_nothing_happens_is_closed() throws Exception {
        hub = HttpHub.start(folder, Map.of("idle_timeout", 1));
        try (Socket idle = connect()) {
            assertThat(read(idle)).isEmpty();
        }
        assertGoodClientIsServed();
    }

    @Test
    void one_peer_does_not_get_more_connections_than_its_share() throws Exception {
        hub = HttpHub.start(folder, Map.of("max_connections_per_peer", 3));
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Socket kept = connect();
                open.add(kept);
                send(kept, "GET /v1/openapi.json HTTP/1.1\r\nHost: hub\r\n\r\n");
                assertThat(kept.getInputStream().read()).isEqualTo('H');
            }
            try (Socket oneMore = connect()) {
                assertThat(read(oneMore)).contains("503").contains("too_many_connections");
            }
        } finally {
            for (Socket each : open) {
                each.close();
            }
        }
        Await.until("the places are free again", this::isServed);
    }

    @Test
    void headers_that_are_too_large_and_requests_that_are_none_get_json() throws Exception {
        hub = HttpHub.start(folder, Map.of());
        assertThat(exchange(HEAD + "X-Large: " + "x".repeat(20_000) + "\r\n\r\n")).contains("431").contains("headers_too_large");
        assertThat(exchange("NONSENSE\r\n\r\n")).contains(" 400 ").contains("bad_request");
        assertThat(exchange("POST /v1/ingest/events HTTP/1.1\r\nHost: hub\r\n\r\n")).contains("411").contains("length_required");
        assertThat(exchange("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")).as("a TLS hello").contains("400");
        assertGoodClientIsServed();
    }

    @Test
    void web_forms_hold_no_thread_until_their_body_comes() throws Exception {
        hub = HttpHub.start(folder, Map.of());
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 400; i++) {
                Socket slow = connect();
                open.add(slow);
                send(slow, HEAD + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\na");
            }
            assertGoodClientIsServed();
            for (Socket each : open) {
                assertThat(read(each)).contains(" 415 ").contains("unsupported_media_type");
            }
        } finally {
            for (Socket each : open) {
                each.close();
            }
        }
    }

    @Test
    void what_the_server_cannot_read_of_a_request_is_said_to_be_the_clients_fault() throws Exception {
        hub = HttpHub.start(folder, Map.of());
        String chunked = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
        for (String chunks : List.of("zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n", "ffffffffffffffffff\r\n{}\r\n")) {
            assertThat(exchange(chunked + chunks)).as(chunks).contains(" 400 ").contains("malformed_body").contains("its chunks");
        }
        for (String query : List.of("%zz", "%ff%fe", "%")) {
            assertThat(exchange("POST /v1/ingest/events?format=" + query + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{}")).as(query)
                    .contains(" 400 ").contains("bad_request").contains("percent-encode");
        }
    }

    @Test
    void brackets_without_end_do_no_harm() throws Exception {
        hub = HttpHub.start(folder, Map.of());
        Requests http = new Requests(hub);
        assertThat(http.post(IngestServlet.BATCH, "[" + "[".repeat(1_000_000), "Content-Type", "application/json").error()).isEqualTo("too_deep");
        assertThat(http.post(IngestServlet.BATCH, "[".repeat(1_000_000), "Content-Type", "application/x-ndjson").error()).isEqualTo("all_refused");
        assertThat(http.post(IngestServlet.BATCH, "[" + "{\"a\":".repeat(500) + "1" + "}".repeat(500) + "]", "Content-Type", "application/json")
                .json().at("/errors/0/code").asText()).isIn("too_deep", "malformed");
        assertGoodClientIsServed();
    }

    private void trickle(Socket socket) {
        try {
            socket.getOutputStream().write('a');
        } catch (IOException ended) {
            // As it should be.
        }
    }

    private void assertGoodClientIsServed() throws Exception {
        Await.until("a good client is served", this::isServed);
    }

    private boolean isServed() {
        try {
            return new Requests(hub).post(IngestServlet.EVENTS, message(1)).status() == 202;
        } catch (Exception refused) {
            return false;
        }
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            return read(socket);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", hub.port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** All until the other end closes; what is left of it when that is a reset. */
    private static String read(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                text.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                if (text.indexOf("}\n") > 0) {
                    break;
                }
            }
        } catch (java.net.SocketException reset) {
            // As good as an end.
        }
        return text.toString();
    }
}
