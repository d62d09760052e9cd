package io.monitoringhub.plugin.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.monitoringhub.spi.transport.Ingest;
import io.monitoringhub.testkit.Await;
import io.monitoringhub.testkit.RecordingIngest;
import io.monitoringhub.testkit.RecordingSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TcpTransportTest {

    private static final Duration GRACE = Duration.ofSeconds(3);

    private final RecordingIngest ingest = RecordingIngest.silent("tcp", Path.of("target"));
    private final List<SocketChannel> clients = new ArrayList<>();
    private TcpTransport transport = new TcpTransport(TestConfig.of(Map.of("port", 0)));

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel client : clients) {
            client.close();
        }
        transport.stop(GRACE);
        assertThat(ingest.breaches()).isEmpty();
    }

    @Test
    void one_client_too_many_is_turned_away_and_health_follows() throws Exception {
        start(Map.of("max_connections", 2));
        connect();
        connect();
        Await.until("two sessions", () -> ingest.sessions().size() == 2);
        assertThat(ingest.reports()).isEmpty();
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(ingest.sessions()).hasSize(2);
        assertThat(ingest.reports()).containsExactly("degraded: max_connections of 2 is reached: further clients are turned away");
        clients.get(0).close();
        Await.until("health is well again", () -> ingest.reports().size() == 2);
        assertThat(ingest.reports().get(1)).isEqualTo("ok");
        write(connect(), "welcome\n");
        RecordingSession session = ingest.session(2);
        Await.until("the message of the new client", () -> session.size() == 8);
    }

    @Test
    void says_nothing_of_its_health_once_it_stops() throws Exception {
        start(Map.of("max_connections", 1));
        connect();
        ingest.session(0);
        assertThat(connect().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        transport.stop(GRACE);
        assertThat(ingest.reports()).hasSize(1);
    }

    @Test
    void thousands_of_idle_connections_cost_no_threads_and_all_still_work() throws Exception {
        start(Map.of("io_threads", 2));
        // Both ends are in this process, and other tests need some descriptors too.
        long descriptors = ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
        int count = (int) Math.min(10_000, (descriptors - 1_000) / 2);
        System.out.println(count + " idle connections; this process may have " + descriptors + " file descriptors");
        for (int i = 0; i < count; i++) {
            connect();
        }
        Await.until(count + " sessions", () -> ingest.sessions().size() == count);
        assertThat(threads("hub-transport-tcp-contract")).containsExactlyInAnyOrder("hub-transport-tcp-contract-1",
                "hub-transport-tcp-contract-2");
        for (SocketChannel client : clients) {
            write(client, "still here\n");
        }
        Await.until("a message of each", () -> ingest.sessions().stream().allMatch(session -> session.size() == 11));
        long begin = System.nanoTime();
        transport.stop(Duration.ofMinutes(1));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("nobody is waited for").isLessThan(Duration.ofSeconds(30));
        assertThat(ingest.sessions()).allMatch(session -> session.ends() == 1);
    }

    @Test
    void short_connections_leave_nothing_behind() throws Exception {
        start(Map.of("max_connections", 500));
        comeAndGo(400);
        long descriptorsBefore = descriptors();
        for (int round = 0; round < 24; round++) {
            comeAndGo(400);
        }
        assertThat(ingest.reports()).isEmpty();
        assertThat(ingest.sessions()).allMatch(session -> session.text().equals("short\n"));
        Await.until("file descriptors are closed", () -> descriptors() <= descriptorsBefore + 5);
    }

    /** Opens and closes so many connections, one after the other, then waits until their sessions have ended. */
    private void comeAndGo(int count) throws Exception {
        int before = ingest.sessions().size();
        for (int i = 0; i < count; i++) {
            try (SocketChannel client = SocketChannel.open(address())) {
                write(client, "short\n");
            }
        }
        Await.until("all sessions end", Await.DEADLINE,
                () -> ingest.sessions().size() == before + count && ingest.sessions().stream().allMatch(session -> session.ends() == 1),
                () -> ingest.sessions().size() + " sessions, health " + ingest.reports());
    }

    @Test
    void listens_on_ipv6() throws Exception {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            assertThat(probe.isBound()).isTrue();
        } catch (IOException none) {
            assumeTrue(false, "this machine has no IPv6");
        }
        start(Map.of("bind", "::1"));
        assertThat(transport.address()).matches("\\[0:0:0:0:0:0:0:1]:\\d+");
        try (SocketChannel client = SocketChannel.open(new InetSocketAddress("::1", address().getPort()))) {
            write(client, "six\n");
            RecordingSession session = ingest.session(0);
            Await.until("a message", () -> session.text().equals("six\n"));
            assertThat(session.peer().address()).startsWith("[0:0:0:0:0:0:0:1]:");
        }
    }

    @Test
    void says_what_to_do_about_an_address_of_another_machine() {
        transport = new TcpTransport(TestConfig.of(Map.of("bind", "192.0.2.1", "port", 0)));
        assertThatThrownBy(() -> transport.start(ingest)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("cannot listen on 192.0.2.1:0", "change 'bind'");
    }

    @Test
    void a_hub_that_opens_no_session_costs_the_connection_and_nothing_else() throws Exception {
        int[] calls = {0};
        Ingest failing = (Ingest) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Ingest.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("open") && calls[0]++ < 3) {
                        throw new IllegalStateException("wanted by the test");
                    }
                    return method.invoke(ingest, arguments);
                });
        transport = new TcpTransport(TestConfig.of(Map.of("port", 0, "max_connections", 1, "io_threads", 1)));
        transport.start(failing);
        // A client sees the end of its connection a moment before its place is free, so that some more may be turned away.
        Await.until("a session", () -> {
            SocketChannel client = connect();
            client.configureBlocking(false);
            Await.until("an answer", () -> client.read(ByteBuffer.allocate(1)) < 0 || !ingest.sessions().isEmpty());
            return !ingest.sessions().isEmpty();
        });
        assertThat(calls[0]).isEqualTo(4);
        write(clients.get(clients.size() - 1), "fine\n");
        RecordingSession session = ingest.session(0);
        Await.until("a message", () -> session.text().equals("fine\n"));
    }

    private void start(Map<String, Object> config) throws Exception {
        Map<String, Object> all = new HashMap<>(config);
        all.put("port", 0);
        transport = new TcpTransport(TestConfig.of(all));
        transport.start(ingest);
    }

    private InetSocketAddress address() {
        String address = transport.address();
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(address());
        clients.add(client);
        return client;
    }

    private static void write(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith(prefix)).toList();
    }

    private static long descriptors() throws IOException {
        Path folder = Path.of("/proc/self/fd");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(folder)) {
            return open.count();
        }
    }
}
