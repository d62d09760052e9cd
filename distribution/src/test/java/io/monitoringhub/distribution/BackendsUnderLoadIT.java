package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.message.MessageCheck;
import io.monitoringhub.distribution.destinations.Destination;
import io.monitoringhub.distribution.destinations.Destinations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every shipped backend with its real destination, under load from clients that wait for acknowledgements: its jar comes, is replaced and
 * goes; the hub and the destination die. What was acknowledged is there, once, in each client's order.
 */
class BackendsUnderLoadIT {

    private static final int RATE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long MARK = 100_000_000_000_000_000L;
    private static final String LANE = "target";
    private static final long SEED = 20261122;
    /** More of them by {@code -Dhub.rounds=20}. */
    private static final int ROUNDS = Integer.getInteger("hub.rounds", 1);

    @TempDir
    private Path folder;
    private Destination destination;
    private PackagedHub hub;
    private int port;
    private String jar;
    private Path original;

    static Stream<Named<Supplier<Destination>>> destinations() {
        return Destinations.all();
    }

    private void startWithoutTheBackend(Destination started) throws Exception {
        destination = started;
        destination.start(Files.createDirectories(folder.resolve("destination")));
        port = TestConfiguration.freePort();
        jar = "backend-" + destination.type() + ".jar";
        hub = PackagedHub.unpackInto(folder.resolve("hub")).configure("""
                transports: { tcp: { port: %d } }
                backends:
                  %s: { type: %s, %s, delivery: { retry: { base: 50ms, max: 1s, budget: 100%% } } }
                routes: [ { source: "*", to: [%s] } ]
                """.formatted(port, LANE, destination.type(), destination.settings(), LANE));
        original = Files.move(hub.plugins().resolve(jar), folder.resolve("original.jar"));
        hub.start();
    }

    @AfterEach
    void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
        if (destination != null) {
            destination.close();
        }
    }

    @ParameterizedTest
    @MethodSource("destinations")
    void isDroppedInReplacedAndRemoved(Supplier<Destination> each) throws Exception {
        startWithoutTheBackend(each.get());
        LoadReport sent;
        try (LoadRun load = load()) {
            awaitAcked(load, RATE);
            hub.waitUntil("entries wait", () -> hub.lane(LANE).state().equals("WAITING") && hub.lane(LANE).behind() > 0, this::lanes);
            hub.drop(original, jar);
            awaitCaughtUp(load);
            hub.drop(LoadedHub.withVersion(original, "1.1.0", folder.resolve("next.jar")), jar);
            hub.waitForPlugin(jar, "1.1.0");
            awaitCaughtUp(load);
            Files.delete(hub.plugins().resolve(jar));
            hub.waitUntil("the backend has gone", () -> hub.lane(LANE).state().equals("WAITING"), this::lanes);
            awaitAcked(load, load.acked() + RATE);
            hub.drop(original, jar);
            awaitCaughtUp(load);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).as("the sender noticed nothing").isZero();
        assertHeld(sent);
    }

    @ParameterizedTest
    @MethodSource("destinations")
    void losesAndDoublesNothingWhenTheHubAndTheDestinationAreKilled(Supplier<Destination> each) throws Exception {
        startWithoutTheBackend(each.get());
        hub.drop(original, jar);
        Random random = new Random(SEED);
        LoadReport sent;
        try (LoadRun load = load()) {
            awaitAcked(load, RATE / 2);
            awaitCaughtUp(load);
            for (int round = 0; round < ROUNDS; round++) {
                destination.kill();
                awaitAcked(load, load.acked() + RATE / 2);
                destination.restart();
                awaitCaughtUp(load);

                awaitAcked(load, load.acked() + RATE / 4 + random.nextInt(RATE / 4));
                hub.kill();
                hub.start();
                awaitCaughtUp(load);

                destination.kill();
                awaitAcked(load, load.acked() + random.nextInt(RATE / 2));
                hub.kill();
                hub.start();
                destination.restart();
                awaitCaughtUp(load);
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.acked()).isEqualTo(sent.sent());
        assertHeld(sent);
    }

    private LoadRun load() throws IOException {
        return LoadGenerator.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).connections(4).acknowledged(true)
                .reconnectFor(PATIENCE).rate(RATE).messages(0).build().start();
    }

    private void awaitAcked(LoadRun load, long count) {
        hub.waitUntil(count + " messages are acknowledged", PATIENCE, () -> load.acked() >= count || !load.isRunning(),
                () -> load.acked() + " are");
        assertThat(load.isRunning()).as("the sender goes on").isTrue();
    }

    private void awaitCaughtUp(LoadRun load) {
        long acked = load.acked();
        hub.waitUntil("the lane has caught up", PATIENCE, () -> hub.lane(LANE).state().equals("OK") && hub.lane(LANE).committed() >= acked,
                () -> acked + " were acknowledged\n" + lanes());
    }

    private String lanes() {
        return hub.ask("hub:lanes");
    }

    private void assertHeld(LoadReport sent) throws Exception {
        hub.waitUntil("the lane has passed everything", PATIENCE, () -> hub.lane(LANE).committed() == sent.sent(), this::lanes);
        Map<Integer, Long> next = new TreeMap<>();
        Map<String, Long> seen = new TreeMap<>();
        long doubled = 0;
        // Asked once: an entry's worth of it for each of a hundred thousand takes minutes.
        String lanes = lanes();
        for (long marked : destination.held()) {
            long marker = marked - MARK;
            int connection = MessageCheck.connection(marker);
            long number = MessageCheck.number(marker);
            long expected = next.getOrDefault(connection, 1L);
            if (number < expected && !destination.isExactlyOnce()) {
                doubled++;
                continue;
            }
            assertThat(number).as("connection %d: the next number of what the destination holds\n%s", connection, lanes).isEqualTo(expected);
            next.put(connection, number + 1);
        }
        next.forEach((connection, end) -> seen.put("connection " + connection, end - 1));
        Map<String, Long> wanted = new TreeMap<>();
        sent.sentByConnection().forEach((connection, highest) -> wanted.put("connection " + connection, highest));
        assertThat(seen).as("the last number of each connection").isEqualTo(wanted);
        if (doubled > 0) {
            System.out.println(destination.type() + ": " + doubled + " of " + sent.sent() + " entries are held twice");
        }
    }
}
