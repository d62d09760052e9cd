package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that nobody should send, from another address than that of the good clients beside them. */
class HostileHttpIT {

    private static final String HEAD = "POST /v1/ingest/events HTTP/1.1\r\nHost: hub\r\n";
    private static final String CHUNKED = HEAD + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String GOOD = "{\"v\":1,\"src\":\"hostile\",\"ts\":1,\"type\":\"heartbeat\"}";
    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";
    /** Limits of one peer: connections, headers, body. */
    private static final int MOST_CONNECTIONS = 500;
    private static final int MOST_HEADERS = 8 << 10;
    private static final int MOST_BODY = 8 << 20;

    @TempDir
    private Path folder;
    private SocketAddress address;

    @Test
    @Timeout(300)
    void the_hub_stays_up_explains_each_refusal_and_good_clients_are_unaffected() throws Exception {
        try (SteadyHub hub = SteadyHub.startIn(folder)) {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), hub.httpPort());
            CompletableFuture<MonitoringSdk> good = hub.startGoodClient();
            PostingClient posting = PostingClient.to(hub.httpPort());
            slowOnes();
            headsThatAreNone();
            headsThatAreRefused();
            brokenChunks();
            everyCodeIsAnswered();
            bombs();
            largeAndDeep();
            pipelines();
            fuzz();
            oneMoreConnectionThanAPeerMayHave();
            hub.awaitDelivered("posted", posting.end());
            hub.assertUnaffected(good);
            String log = hub.assertSteady();
            assertThat(log).contains("slow_header").contains("body_too_slow").contains("too_many_connections_of_peer");
            assertThat(log.lines().count()).as("lines in the log: a cause is said once").isLessThan(150);
        }
    }

    /** All at once: headers and bodies that trickle, and web forms, whose bodies the server would wait for. They end by themselves. */
    private void slowOnes() throws Exception {
        List<HostilePeer> headers = new ArrayList<>();
        List<HostilePeer> bodies = new ArrayList<>();
        ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "drip"));
        try {
            for (int i = 0; i < 100; i++) {
                headers.add(peer().send(HEAD + "X"));
                bodies.add(peer().send(HEAD + "Content-Length: 1000000\r\n\r\n{"));
                bodies.add(peer().send(CHUNKED + "1\r\n{\r\n"));
            }
            drip.scheduleAtFixedRate(() -> {
                headers.forEach(peer -> peer.sendWhileItListens(bytes("x")));
                bodies.forEach(peer -> peer.sendWhileItListens(bytes("1\r\n \r\n")));
            }, 100, 300, TimeUnit.MILLISECONDS);
            for (int i = 0; i < 100; i++) {
                try (HostilePeer form = peer()) {
                    form.send(HEAD + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\na");
                    assertThat(form.line()).contains(" 415 ");
                }
            }
            for (HostilePeer peer : headers) {
                assertThat(peer.all()).as("an answer to half a head").isEmpty();
            }
            for (HostilePeer peer : bodies) {
                assertThat(peer.all()).contains("HTTP/1.1 408 ").contains("\"body_too_slow\"").contains("\"hint\"");
            }
        } finally {
            drip.shutdownNow();
            assertThat(drip.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            for (HostilePeer peer : headers) {
                peer.close();
            }
            for (HostilePeer peer : bodies) {
                peer.close();
            }
        }
    }

    private void headsThatAreNone() throws IOException {
        for (String request : List.of("NONSENSE\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", "\0\0\0\0\r\n\r\n", GOOD + "\n\n",
                "POST /v1/ingest/events HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "pOsT\0 /v1/ingest/events HTTP/1.1\r\nHost: hub\r\n\r\n",
                HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", HEAD + "Content-Length: -1\r\n\r\n", HEAD + "Content-Length: x\r\n\r\n",
                HEAD + "Content-Length: 99999999999999999999\r\n\r\n", HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                HEAD + "Transfer-Encoding: gzip\r\n\r\n", HEAD + "Transfer-Encoding: chunked, chunked\r\n\r\n", HEAD + "X: a\0b\r\n\r\n",
                HEAD + "X : a\r\n\r\n", HEAD + "X: a\r\n b\r\n\r\n", "GET /../../../etc/passwd HTTP/1.1\r\nHost: hub\r\n\r\n",
                "GET /v1/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: hub\r\n\r\n", "GET /v1/openapi.json%00 HTTP/1.1\r\nHost: hub\r\n\r\n",
                "GET /v1/%zz HTTP/1.1\r\nHost: hub\r\n\r\n", withQuery("format=%zz"), withQuery("format=%ff%fe"), withQuery("%"))) {
            assertRefused(bytes(request), 400, "bad_request");
        }
    }

    private void headsThatAreRefused() throws IOException {
        assertRefused(bytes("POST /v1/ingest/events HTTP/9.9\r\nHost: hub\r\n\r\n"), 505, "http_version");
        assertRefused(bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 426, "http_426");
        assertRefused(bytes("TRACE / HTTP/1.1\r\nHost: hub\r\n\r\n"), 404, "not_found");
        assertRefused(bytes("CONNECT hub:80 HTTP/1.1\r\nHost: hub\r\n\r\n"), 404, "not_found");
        assertRefused(bytes("DELETE /v1/ingest/events HTTP/1.1\r\nHost: hub\r\n\r\n"), 405, "method_not_allowed");
        assertRefused(bytes(HEAD + "\r\n"), 411, "length_required");
        assertRefused(bytes(HEAD + "Content-Length: 9000000000\r\n\r\n"), 413, "body_too_large");
        assertRefused(bytes("GET /" + "a".repeat(2 * MOST_HEADERS) + " HTTP/1.1\r\nHost: hub\r\n\r\n"), 414, "uri_too_long");
        assertRefused(bytes(HEAD + "X: " + "x".repeat(2 * MOST_HEADERS) + "\r\n\r\n"), 431, "headers_too_large");
        assertRefused(bytes(HEAD + "X: y\r\n".repeat(MOST_HEADERS) + "\r\n"), 431, "headers_too_large");
        assertRefused(bytes(HEAD + "Expect: nonsense\r\nContent-Length: 2\r\n\r\n{}"), 417, "http_417");
        assertRefused(request("text/html", "", bytes("<a>")), 415, "unsupported_media_type");
        assertRefused(request(JSON, "Content-Encoding: gzip, gzip\r\n", bytes("x")), 415, "unsupported_encoding");
        assertRefused(request(JSON, "Authorization: Basic eDp5\r\n", bytes("x")), 401, "unauthorized");
        assertRefused(request(JSON, "Idempotency-Key: " + "k".repeat(300) + "\r\n", bytes("x")), 400, "invalid_idempotency_key");
        assertRefused(bytes(withQuery("format=../../x")), 415, "unknown_format");
    }

    private void brokenChunks() throws IOException {
        for (String chunks : List.of("zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}\r\n", "7fffffff\r\n{}\r\n0\r\n\r\n",
                "200\r\n{", "2\r\n{}\r\n0\r\nX: " + "y".repeat(2 * MOST_HEADERS) + "\r\n\r\n")) {
            assertRefused(bytes(CHUNKED + chunks), 400, "malformed_body");
        }
        assertRefused(bytes(HEAD + "Content-Length: 1000\r\n\r\n" + GOOD), 400, "malformed_body");
        String letters = (GOOD + " ".repeat(20_000)).chars().mapToObj(letter -> "1\r\n" + (char) letter + "\r\n").collect(Collectors.joining());
        assertThat(answer(bytes(CHUNKED + letters + "0\r\n\r\n"))).as("a chunk for each byte").contains("\"accepted\":1");
    }

    /** Each line as a body, then all of them in one with a message amidst. */
    private void everyCodeIsAnswered() throws IOException {
        List<HostileLine> lines = HostileLine.all();
        for (HostileLine line : lines) {
            assertThat(answer(request(LINES, "", bytes(line.text())))).as(line.toString()).startsWith("HTTP/1.1 400 ").contains("\"all_refused\"")
                    .contains("\"refused\":1").contains("{\"index\":0,\"code\":\"" + line.code() + "\",\"reason\":\"");
        }
        String all = lines.stream().map(HostileLine::text).collect(Collectors.joining("\n", GOOD + "\n", "\n"));
        String answer = answer(request(LINES, "", bytes(all)));
        assertThat(answer).startsWith("HTTP/1.1 202 ").contains("\"accepted\":1,\"known\":0,\"refused\":" + lines.size());
        Matcher error = Pattern.compile("\"index\":(\\d+),\"code\":\"(\\w+)\"").matcher(answer);
        for (int i = 0; i < 100; i++) {
            assertThat(error.find()).isTrue();
            assertThat(error.group(1)).isEqualTo("" + (i + 1));
            assertThat(error.group(2)).as(lines.get(i).toString()).isEqualTo(lines.get(i).code());
        }
    }

    private void bombs() throws IOException {
        for (String type : List.of(JSON, LINES)) {
            assertRefused(request(type, "Content-Encoding: gzip\r\n", HostileBodies.gzipBomb()), 413, "inflated_too_large");
            assertRefused(request(type, "Content-Encoding: deflate\r\n", HostileBodies.deflateBomb()), 413, "inflated_too_large");
            assertRefused(request(type, "Content-Encoding: zstd\r\n", HostileBodies.zstdBomb(0x38)), 413, "inflated_too_large");
            assertRefused(request(type, "Content-Encoding: zstd\r\n", HostileBodies.zstdBomb(0xff)), 413, "inflated_too_large");
        }
        for (String encoding : List.of("gzip", "deflate", "zstd")) {
            assertRefused(request(LINES, "Content-Encoding: " + encoding + "\r\n", bytes(GOOD)), 400, "malformed_body");
        }
        byte[] bomb = HostileBodies.gzipBomb();
        assertRefused(request(LINES, "Content-Encoding: gzip\r\n", Arrays.copyOf(bomb, 20_000)), 400, "malformed_body");
    }

    private void largeAndDeep() throws IOException {
        assertRefused(bytes(CHUNKED + ("10000\r\n" + " ".repeat(1 << 16) + "\r\n").repeat((MOST_BODY >> 16) + 1)), 413, "body_too_large");
        assertRefused(request(JSON, "", bytes("[".repeat(MOST_BODY))), 400, "too_deep");
        assertThat(answer(request(LINES, "", bytes("x".repeat(MOST_BODY))))).contains("HTTP/1.1 400 ").contains("too_long");
        assertThat(answer(request(JSON, "", bytes("[" + "1,".repeat(99_999) + "1]")))).contains("HTTP/1.1 400 ").contains("\"all_refused\"")
                .contains("\"refused\":100000").contains("{\"index\":99,\"code\":\"not_object\"").doesNotContain("\"index\":100,");
        assertThat(answer(request(JSON, "", bytes("[" + "{\"entity\":1,\"event\":2},".repeat(99_999) + "{}]")))).as("jobs that are none")
                .contains("HTTP/1.1 400 ").contains("\"refused\":100000").contains("{\"index\":99,\"code\":").doesNotContain("\"index\":100,");
    }

    private void pipelines() throws IOException {
        String good = HEAD + "Content-Type: application/json\r\nContent-Length: " + GOOD.length() + "\r\n\r\n" + GOOD;
        String answers = answer(bytes(good.repeat(50) + "nonsense\r\n\r\n" + good));
        assertThat(answers.split("HTTP/1.1 202 ", -1)).as("all before the garbage, none behind").hasSize(51);
        assertThat(answers).contains("HTTP/1.1 400 ").contains("\"bad_request\"");
    }

    /** Half of it noise, half requests in which some bytes are others. */
    private void fuzz() throws IOException {
        byte[] good = request(JSON, "Idempotency-Key: k\r\n", bytes("[" + GOOD + "]"));
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] bytes = good.clone();
            if (seed % 2 == 0) {
                bytes = new byte[1 + random.nextInt(20_000)];
                random.nextBytes(bytes);
            }
            for (int i = random.nextInt(50); i < bytes.length; i += 1 + random.nextInt(100)) {
                bytes[i] = (byte) "\r\n :;%{}\"[],\\".charAt(random.nextInt(13));
            }
            String answer = answer(bytes);
            assertThat(answer.isEmpty() || answer.startsWith("HTTP/1.1 202 ") || answer.matches("(?s)HTTP/1\\.1 4.*\"hint\".*")
                    || answer.startsWith("HTTP/1.1 505 ")).as("seed %d: %s", seed, answer).isTrue();
        }
    }

    private void oneMoreConnectionThanAPeerMayHave() throws IOException {
        List<HostilePeer> peers = new ArrayList<>();
        try {
            String answer = "";
            while (answer.isEmpty() && peers.size() <= MOST_CONNECTIONS) {
                HostilePeer peer = peer();
                peers.add(peer);
                peer.sendWhileItListens(bytes("GET /v1/openapi.json HTTP/1.1\r\nHost: hub\r\n\r\n"));
                String line = peer.line();
                answer = line.contains(" 200 ") ? "" : line + peer.all();
            }
            assertThat(answer).contains("HTTP/1.1 503 ").contains("too_many_connections").contains("\"hint\"");
        } finally {
            for (HostilePeer peer : peers) {
                peer.close();
            }
        }
    }

    private void assertRefused(byte[] request, int status, String code) throws IOException {
        String shown = new String(request, 0, Math.min(200, request.length), StandardCharsets.ISO_8859_1);
        assertThat(answer(request)).as(shown).startsWith("HTTP/1.1 " + status + " ").contains("{\"error\":{\"code\":\"" + code + "\"")
                .contains("\"message\":\"").contains("\"hint\":\"");
    }

    private String answer(byte[] request) throws IOException {
        try (HostilePeer peer = peer()) {
            return peer.sendWhileItListens(request).rest();
        }
    }

    private HostilePeer peer() throws IOException {
        return HostilePeer.connect(new InetSocketAddress("127.0.0.2", 0), address);
    }

    private static String withQuery(String query) {
        return "POST /v1/ingest/events?" + query + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{}";
    }

    private static byte[] request(String type, String headers, byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(bytes(HEAD + "Connection: close\r\nContent-Type: " + type + "\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n"));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
