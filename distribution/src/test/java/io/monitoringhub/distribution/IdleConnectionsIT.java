package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.sdk.MonitoringSdk;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections by the thousand that do nothing, or have begun something and do not go on. */
class IdleConnectionsIT {

    private static final int DESCRIPTORS_FOR_OTHER_USE = 1_000;
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+(\\d+)");
    private static final Pattern CONNECTIONS = Pattern.compile("([\\d,]+) connections");
    private static final String GOOD = "{\"v\":1,\"src\":\"late\",\"ts\":1,\"type\":\"heartbeat\"}\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("io.monitoringhub.distribution.StreamWay#all")
    @Timeout(300)
    void they_take_little_memory_disturb_nobody_and_can_go_on_at_any_time(StreamWay way) throws Exception {
        try (SteadyHub hub = SteadyHub.startIn(folder)) {
            SocketAddress address = way.address().apply(hub);
            int count = Math.min(way.idleConnections(), Math.min(mostOpenFiles("self"), mostOpenFiles("" + hub.packaged().pid()))
                    - DESCRIPTORS_FOR_OTHER_USE);
            System.out.println("IdleConnectionsIT: " + count + " idle connections by " + way);
            assumeTrue(count >= 1_000, "too few file descriptors are allowed: ulimit -n");
            List<HostilePeer> idle = new ArrayList<>(count);
            try {
                connect(address, count / 2, idle);
                CompletableFuture<MonitoringSdk> good = hub.startGoodClient();
                connect(address, count, idle);
                hub.packaged().waitUntil("all are connected", () -> connections(hub) >= count, hub::status);
                hub.assertUnaffected(good);
                for (int i = 0; i < count; i += 97) {
                    assertItGoesOn(idle.get(i), i);
                }
                assertThat(connections(hub)).as("nobody was sent away: %s", hub.status()).isGreaterThanOrEqualTo(count);
            } finally {
                for (HostilePeer peer : idle) {
                    peer.close();
                }
            }
            hub.packaged().waitUntil("all have gone", () -> connections(hub) == 0, hub::status);
            hub.assertSteady();
        }
    }

    /** Until there are so many. A quarter each says nothing, half a message, half a hello, a hello. */
    private static void connect(SocketAddress hub, int until, List<HostilePeer> peers) throws IOException {
        while (peers.size() < until) {
            String hello = HostilePeer.hello("");
            String said = List.of("", GOOD.substring(0, 20), hello.substring(0, 20), hello).get(peers.size() % 4);
            HostilePeer peer = HostilePeer.connect(hub);
            peers.add(peer);
            peer.send(said);
        }
    }

    private static void assertItGoesOn(HostilePeer peer, int number) throws IOException {
        String hello = HostilePeer.hello("");
        switch (number % 4) {
            case 0 -> peer.send(hello + GOOD);
            // It has begun without a hello, so it is answered nothing.
            case 1 -> peer.send(GOOD.substring(20));
            case 2 -> peer.send(hello.substring(20) + GOOD);
            default -> peer.send(GOOD);
        }
        if (number % 4 != 1) {
            assertThat(peer.until("\"ack\",\"data\":{\"seq\":1}")).contains("welcome");
        }
    }

    private static int connections(SteadyHub hub) {
        Matcher connections = CONNECTIONS.matcher(hub.status());
        return connections.find() ? Integer.parseInt(connections.group(1).replace(",", "")) : -1;
    }

    private static int mostOpenFiles(String process) throws IOException {
        Matcher limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/" + process + "/limits")));
        return limit.find() ? Integer.parseInt(limit.group(1)) : Integer.MAX_VALUE;
    }
}
