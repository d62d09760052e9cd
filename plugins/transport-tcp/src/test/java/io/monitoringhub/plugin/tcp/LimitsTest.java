package io.monitoringhub.plugin.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.RecordingIngest;
import io.monitoringhub.testkit.RecordingSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one peer may take of a transport, and that others do not feel it. */
@Timeout(300)
class LimitsTest {

    private static final String TOO_MANY = "max_connections_per_peer is reached";
    private static final String IDLE = "no line within idle_timeout";

    private final RecordingIngest ingest = RecordingIngest.silent("tcp", Path.of("target"));
    private final List<SocketChannel> clients = new ArrayList<>();
    private TcpTransport transport = new TcpTransport(TestConfig.of(Map.of("port", 0)));

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel client : clients) {
            client.close();
        }
        transport.stop(Duration.ofSeconds(3));
        ingest.close();
        assertThat(ingest.breaches()).isEmpty();
    }

    @Test
    void one_peer_gets_so_many_connections_and_a_place_again_when_one_ends() throws Exception {
        start(Map.of("max_connections_per_peer", 2));
        connect();
        connect();
        ingest.session(1);
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        Await.until("it is counted", () -> transport.refused(TOO_MANY) == 1);
        assertThat(ingest.reports()).as("no illness of the hub").isEmpty();
        clients.get(0).close();
        Await.until("the end of the first", () -> ingest.sessions().stream().anyMatch(session -> session.ends() == 1));
        Await.until("a place", () -> {
            SocketChannel client = connect();
            client.configureBlocking(false);
            Await.until("an answer", () -> client.read(ByteBuffer.allocate(1)) < 0 || ingest.sessions().size() == 3);
            return ingest.sessions().size() == 3;
        });
    }

    @Test
    void a_silent_connection_is_ended_and_one_that_speaks_now_and_then_is_not() throws Exception {
        start(Map.of("idle_timeout", 4));
        SocketChannel silent = connect();
        RecordingSession first = ingest.session(0);
        SocketChannel speaking = connect();
        RecordingSession second = ingest.session(1);
        Await.until("the silent one is ended", () -> {
            write(speaking, "heartbeat\n");
            long size = second.size();
            Await.until("a heartbeat", () -> second.size() >= size);
            return first.ends() == 1;
        });
        assertThat(silent.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(second.ends()).isZero();
        Await.until("it is counted", () -> transport.refused(IDLE) == 1);
    }

    @Test
    void a_connection_that_the_hub_holds_back_is_not_idle() throws Exception {
        RecordingIngest holding = RecordingIngest.silent("tcp", Path.of("target")).reacting((session, bytes) -> !session.text().contains("stop"));
        transport = new TcpTransport(TestConfig.of(Map.of("port", 0, "idle_timeout", 1)));
        transport.start(holding);
        write(connect(), "stop\n");
        write(connect(), "silent from now on\n");
        RecordingSession held = holding.sessions().isEmpty() ? holding.session(0) : holding.sessions().get(0);
        holding.session(1);
        Await.until("the other one is ended", () -> holding.sessions().stream().anyMatch(session -> session.text().contains("silent") && session.ends() == 1));
        assertThat(holding.sessions().stream().filter(session -> session.text().contains("stop"))).allMatch(session -> session.ends() == 0);
        assertThat(held.breaches()).isEmpty();
        transport.stop(Duration.ofSeconds(1));
        holding.close();
    }

    @Test
    void a_thousand_clients_that_trickle_bytes_are_ended_and_a_good_one_does_not_feel_them() throws Exception {
        start(Map.of("idle_timeout", 3));
        int count = 1_000;
        List<SocketChannel> slow = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            slow.add(connect());
        }
        Await.until("all are in", () -> ingest.sessions().size() == count);
        SocketChannel good = connect();
        RecordingSession session = ingest.session(count);
        int[] sent = {0};
        Await.until("all that trickle are ended", Duration.ofSeconds(60), () -> {
            for (SocketChannel client : slow) {
                trickle(client);
            }
            write(good, "good\n");
            sent[0]++;
            int expected = sent[0] * 5;
            Await.until("a message of the good one", () -> session.size() == expected);
            return transport.refused(IDLE) == count;
        }, () -> transport.refused(IDLE) + " are ended");
        assertThat(session.ends()).isZero();
        assertThat(ingest.reports()).isEmpty();
    }

    private static void trickle(SocketChannel client) {
        try {
            client.write(ByteBuffer.wrap(new byte[] {'x'}));
        } catch (IOException ended) {
            // as it should be
        }
    }

    private void start(Map<String, Object> values) throws Exception {
        Map<String, Object> all = new HashMap<>(values);
        all.put("port", 0);
        transport = new TcpTransport(TestConfig.of(all));
        transport.start(ingest);
    }

    private SocketChannel connect() throws IOException {
        int port = Integer.parseInt(transport.address().substring(transport.address().lastIndexOf(':') + 1));
        SocketChannel client = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
        clients.add(client);
        return client;
    }

    private static void write(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }
}
