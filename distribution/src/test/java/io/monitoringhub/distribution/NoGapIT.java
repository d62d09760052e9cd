package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transport's bundle is replaced while clients connect all the time: the listening socket stays, so that nobody is refused. */
class NoGapIT {

    private static final int REPLACEMENTS = 10;
    private static final Pattern MESSAGE = Pattern.compile("\"src\":\"(\\w+)\".*\"msg\":\"(\\d+)\"");

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder).configure("""
                transports:
                  tcp: { port: %d }
                  unix: { path: run/ingest.sock }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(port)).start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void noConnectIsRefusedAndNothingIsLostWhileBothTransportsAreReplacedAgainAndAgain() throws Exception {
        InetSocketAddress tcp = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of(hub.data().resolve("run/ingest.sock"));
        List<ResumingClient> clients = List.of(new ResumingClient("tcp1", tcp), new ResumingClient("tcp2", tcp), new ResumingClient("unix1", unix),
                new ResumingClient("unix2", unix));
        List<Thread> threads = clients.stream().map(client -> new Thread(client, client.source())).toList();
        threads.forEach(Thread::start);
        awaitProgress(clients);
        for (int round = 1; round <= REPLACEMENTS; round++) {
            for (String jar : List.of("transport-tcp.jar", "transport-unix.jar")) {
                String version = "1." + round + ".0";
                hub.drop(LoadedHub.withVersion(hub.plugins().resolve(jar), version, folder.resolve("next.jar")), jar);
                hub.waitForPlugin(jar, version);
                awaitProgress(clients);
            }
        }
        clients.forEach(ResumingClient::stop);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(clients).allSatisfy(client -> assertThat(client.refused()).as("a refused connect of %s", client.source()).isNull());
        assertThat(clients).allSatisfy(client -> assertThat(client.connects()).isGreaterThan(2 * REPLACEMENTS));
        Map<String, List<Long>> expected = new TreeMap<>();
        clients.forEach(client -> expected.put(client.source(), LongStream.rangeClosed(1, client.acked()).boxed().toList()));
        hub.waitUntil("everything is in the files", () -> count(received()) >= count(expected));
        assertThat(received()).isEqualTo(expected);
    }

    /** Each client has been acknowledged something that it sent after this was called. */
    private void awaitProgress(List<ResumingClient> clients) {
        List<Long> before = clients.stream().map(ResumingClient::acked).toList();
        hub.waitUntil("all clients got on", () -> {
            for (int i = 0; i < clients.size(); i++) {
                // The second connect from here on.
                if (clients.get(i).refused() == null && clients.get(i).acked() < before.get(i) + 40) {
                    return false;
                }
            }
            return true;
        }, () -> clients.stream().map(client -> client.source() + " " + client.acked() + " of " + before).toList().toString());
    }

    private static long count(Map<String, List<Long>> messages) {
        return messages.values().stream().mapToLong(List::size).sum();
    }

    private Map<String, List<Long>> received() {
        Map<String, List<Long>> received = new TreeMap<>();
        for (String line : EventFiles.lines(hub.data().resolve("events"))) {
            Matcher message = MESSAGE.matcher(line);
            if (message.find()) {
                received.computeIfAbsent(message.group(1), source -> new ArrayList<>()).add(Long.valueOf(message.group(2)));
            }
        }
        return received;
    }
}
