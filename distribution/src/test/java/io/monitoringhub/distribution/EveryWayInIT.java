package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same million messages by every transport: the files hold them each time byte for byte, in the order in which they were sent. */
class EveryWayInIT {

    private static final int MESSAGES = 1_000_000;
    private static final int BATCH = 10_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String[] DATA = {
        "\"type\":\"event\",\"tid\":\"t-%1$d\",\"data\":{\"level\":\"info\",\"msg\":\"order %1$d was packed \\u2713 gr\u00fc\u00dfe\",\"ctx\":{\"shelf\":%2$d}}",
        "\"type\":\"metric\",\"data\":{\"name\":\"queue.depth\",\"value\":%2$d.50,\"unit\":\"jobs\",\"tags\":{\"n\":\"%1$d\"}}",
        "\"type\":\"progress\",\"data\":{\"job_id\":\"nightly-%1$d\",\"percent\":%2$d}",
        "\"type\":\"resource\",\"data\":{\"cpu\":%2$d,\"mem\":%1$d}",
        "\"type\":\"heartbeat\"",
    };

    @TempDir
    private Path folder;
    private Path messages;
    private Path archive;
    private PackagedHub hub;
    private int tcp;
    private int http;

    @BeforeEach
    void start() throws Exception {
        messages = writeMessages(folder.resolve("messages.ldjson"));
        tcp = TestConfiguration.freePort();
        http = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder).configure("""
                transports:
                  tcp: { port: %d }
                  unix: { path: run/ingest.sock }
                  http: { port: %d }
                  spool: { path: spool }
                backends: { archive: { type: filesystem, path: events, file: all.jsonl, rotate: never } }
                """.formatted(tcp, http)).start();
        archive = hub.data().resolve("events").resolve("all.jsonl");
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void theSameMillionMessagesByTcpUnixHttpAndSpoolGiveTheSameFiles() throws Exception {
        stream(new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp));
        assertRound(1, "tcp");
        stream(UnixDomainSocketAddress.of(hub.data().resolve("run/ingest.sock")));
        assertRound(2, "unix");
        post();
        assertRound(3, "http");
        Path spool = Files.createDirectories(hub.data().resolve("spool"));
        Path draft = Files.copy(messages, spool.resolve("messages.tmp"));
        Files.move(draft, spool.resolve("messages.ldjson"));
        assertRound(4, "spool");
    }

    private void stream(SocketAddress address) throws IOException {
        try (SocketChannel client = SocketChannel.open(address); FileChannel file = FileChannel.open(messages)) {
            for (long sent = 0; sent < file.size();) {
                sent += file.transferTo(sent, file.size() - sent, client);
            }
        }
    }

    /** Batches in the three forms that the service takes, every second one compressed. */
    private void post() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String[] lines = new String[BATCH];
        try (var reader = Files.newBufferedReader(messages)) {
            for (int batch = 0; batch < MESSAGES / BATCH; batch++) {
                for (int i = 0; i < BATCH; i++) {
                    lines[i] = reader.readLine();
                }
                boolean isCompressed = batch % 2 == 1;
                byte[] body = body(batch % 3, lines).getBytes(StandardCharsets.UTF_8);
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/v1/ingest/batch"))
                        .header("Content-Type", batch % 3 == 0 ? "application/x-ndjson" : "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(isCompressed ? gzip(body) : body));
                if (isCompressed) {
                    request.header("Content-Encoding", "gzip");
                }
                HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as("%s", answer.body()).isEqualTo(202);
            }
        }
    }

    private static String body(int form, String[] lines) {
        return switch (form) {
            case 0 -> String.join("\n", lines);
            case 1 -> "[" + String.join(",", lines) + "]";
            default -> "{\"events\": [\n" + String.join(",\n", lines) + "\n]}";
        };
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(body);
        }
        return compressed.toByteArray();
    }

    /** The archive has grown by the messages, and by nothing else. */
    private void assertRound(int round, String way) throws IOException {
        long size = Files.size(messages);
        hub.waitUntil("the messages that came by " + way + " are in the file", PATIENCE, () -> sizeOf(archive) >= round * size, this::status);
        assertThat(Files.size(archive)).as("size after %s", way).isEqualTo(round * size);
        try (DataInputStream expected = open(messages); DataInputStream found = open(archive)) {
            found.skipNBytes((round - 1) * size);
            byte[] wanted = new byte[1 << 20];
            byte[] got = new byte[1 << 20];
            for (long at = 0; at < size; at += wanted.length) {
                int length = (int) Math.min(wanted.length, size - at);
                expected.readFully(wanted, 0, length);
                found.readFully(got, 0, length);
                int differs = Arrays.mismatch(wanted, 0, length, got, 0, length);
                assertThat(differs).as("where the file differs from what was sent by %s, from byte %d on", way, at).isEqualTo(-1);
            }
        }
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream bytes = Files.newInputStream(file);
        return new DataInputStream(new BufferedInputStream(bytes, 1 << 20));
    }

    private static long sizeOf(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String status() {
        return hub.ask("hub:status");
    }

    private static Path writeMessages(Path file) throws IOException {
        try (var out = Files.newBufferedWriter(file)) {
            for (int n = 0; n < MESSAGES; n++) {
                out.write("{\"v\":1,\"src\":\"service-" + n % 8 + "\",\"ts\":" + (1_700_000_000_000L + n) + ",");
                out.write(String.format(DATA[n % DATA.length], n, n % 100));
                out.write("}\n");
            }
        }
        return file;
    }
}
