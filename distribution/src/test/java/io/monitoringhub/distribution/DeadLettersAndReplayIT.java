package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator does with dead letters, replays and start positions, in the shell of the tarball. The backend {@code picky} refuses
 * messages that say "bad" until a file {@code lenient} exists; it has been written for this test only.
 */
class DeadLettersAndReplayIT {

    private static final String MESSAGE = "{\"v\":1,\"src\":\"s\",\"ts\":1697821234567,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"%s %d\"}}";

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private int port;
    private int sent;

    @BeforeEach
    void start() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder).configure(yaml("")).start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void deadLettersAreListedShownDeliveredAgainAndDropped() throws Exception {
        hub.drop(picky(), "picky.jar");
        hub.waitForPlugin("picky.jar", "active");
        edit(yaml("picky: { type: picky }"));
        hub.waitUntil("picky is served", () -> lane("picky").contains(" OK "), () -> hub.ask("hub:lanes"));
        assertThat(hub.shell("hub:dead").output().lines()).hasSize(1);
        send("good", 3);
        send("bad", 1);
        send("good", 3);
        send("bad", 2);
        awaitCommitted("picky", 9);

        assertThat(hub.ask("hub:dead")).containsPattern("(?m)^picky +3 .*\\{too_bad=3}");
        assertThat(hub.ask("hub:dead list picky").lines().skip(1)).hasSize(3).allMatch(line -> line.contains("too_bad") && line.contains("not good"));
        assertThat(hub.ask("hub:dead show picky 3")).contains("lane     picky").contains("offset   3").contains("reason   too_bad")
                .contains("detail   not good").contains("type     event, info").contains("message  " + MESSAGE.formatted("bad", 3));
        assertThat(Files.readString(hub.data().resolve("dead-letters/picky/dead-000001.ldjson"))).contains("\"lane\":\"picky\"").contains("\"offset\":3,");

        PackagedHub.Outcome refused = hub.shell("hub:dead retry picky all");
        assertThat(refused.output()).contains("0 delivered, 3 refused again and kept");
        assertThat(refused.exitCode()).isEqualTo(1);
        Files.createFile(hub.data().resolve("lenient"));
        assertThat(hub.shell("hub:dead retry picky 7")).isEqualTo(new PackagedHub.Outcome(0, "1 delivered, 0 refused again\n"));
        assertThat(hub.ask("hub:dead list picky").lines().skip(1)).hasSize(2);
        assertThat(hub.ask("hub:dead drop picky 8")).contains("1 dropped");
        hub.kill();
        hub.start();
        hub.waitUntil("picky is served", () -> lane("picky").contains(" OK "), () -> hub.ask("hub:lanes"));
        assertThat(hub.ask("hub:dead retry picky all")).contains("1 delivered, 0 refused again");
        assertThat(hub.shell("hub:dead list picky").exitCode()).as("none is left").isEqualTo(1);

        send("good", 1);
        awaitCommitted("picky", 10);
        assertThat(Files.readAllLines(hub.data().resolve("picky.ldjson"))).containsExactlyElementsOf(messages(0, 1, 2, 4, 5, 6, 7, 3, 9));
        assertThat(hub.shell("hub:dead nonsense picky").output()).contains("usage: dead [list|show|retry|drop]");
        assertThat(hub.shell("hub:dead drop ../log all").exitCode()).isEqualTo(1);
        assertThat(hub.ask("hub:dead drop nobody all")).contains("has no such dead letter");
    }

    @Test
    void aGroupsDeadLettersAreFoundUnderItsNameAndThatOfAnyMember() throws Exception {
        hub.drop(picky(), "picky.jar");
        hub.waitForPlugin("picky.jar", "active");
        edit(yaml("picky: { type: picky }\n  spare: { type: filesystem, path: spare }") + """
                routes:
                  - { source: "*", to: [archive], continue: true }
                  - { source: "*", to: [picky, spare], mode: failover }
                """);
        hub.waitUntil("the group is served", () -> lane("picky+spare").contains(" OK "), () -> hub.ask("hub:lanes"));
        send("good", 3);
        send("bad", 1);
        awaitCommitted("picky+spare", 4);

        assertThat(hub.ask("hub:dead")).containsPattern("(?m)^picky\\+spare +1 .*\\{too_bad=1}");
        for (String name : List.of("picky+spare", "picky", "spare")) {
            assertThat(hub.ask("hub:dead list " + name).lines().skip(1)).as(name).singleElement().asString().contains("too_bad");
            assertThat(hub.ask("hub:dead show " + name + " 3")).as(name).contains("lane     picky+spare");
        }
        assertThat(hub.shell("hub:dead list archive").exitCode()).isEqualTo(1);
        Files.createFile(hub.data().resolve("lenient"));
        assertThat(hub.ask("hub:dead retry spare all")).contains("1 delivered, 0 refused again");
        assertThat(Files.readAllLines(hub.data().resolve("picky.ldjson"))).isEqualTo(messages(range(0, 4)));
        assertThat(hub.shell("hub:dead drop picky all").exitCode()).as("none is left").isEqualTo(1);
    }

    @Test
    void aReplayGivesExactlyTheStretchThatWasAskedForAndThenGoesOn() throws Exception {
        send("good", 40);
        awaitCommitted("archive", 40);
        Instant time = laterThanNow();
        send("good", 30);
        awaitCommitted("archive", 70);
        edit(yaml("late: { type: filesystem, path: late }"));
        hub.waitUntil("late is served", () -> lane("late").contains(" OK "), () -> hub.ask("hub:lanes"));
        assertThat(committed("late")).as("start: latest").isEqualTo(70);

        PackagedHub.Outcome unsure = hub.shell("hub:replay late --from " + time);
        assertThat(unsure.output()).contains("would deliver entries 40 to 69").contains("--yes");
        assertThat(unsure.exitCode()).isEqualTo(1);
        assertThat(hub.shell("hub:replay late --from yesterday --yes").exitCode()).isEqualTo(1);
        assertThat(lines("late")).isEmpty();

        assertThat(hub.shell("hub:replay late --from " + time + " --yes").exitCode()).isZero();
        hub.waitUntil("late holds them", () -> lines("late").size() >= 30 && committed("late") == 70, () -> hub.ask("hub:lanes"));
        assertThat(lines("late")).isEqualTo(messages(range(40, 70)));

        hub.shell("hub:pause late");
        assertThat(hub.shell("hub:replay late --from earliest --to 10 --yes").output()).contains("replays entries 0 to 9, then goes on from 70");
        assertThat(lane("late")).contains("replaying to 10, 0 %, then on from 70");
        hub.kill();
        hub.start();
        send("good", 5);
        awaitCommitted("late", 75);
        List<String> expected = new ArrayList<>(messages(range(40, 70)));
        expected.addAll(messages(range(0, 10)));
        expected.addAll(messages(range(70, 75)));
        assertThat(lines("late")).isEqualTo(expected);
        assertThat(lane("late")).doesNotContain("replaying");
    }

    @Test
    void aNewBackendBeginsWhereItIsTold() throws Exception {
        send("good", 20);
        awaitCommitted("archive", 20);
        Instant time = laterThanNow();
        send("good", 10);
        awaitCommitted("archive", 30);
        edit(yaml("all: { type: filesystem, path: all, start: earliest }\n  since: { type: filesystem, path: since, start: " + time
                + " }\n  hour: { type: filesystem, path: hour, start: -1h }"));
        awaitCommitted("all", 30);
        awaitCommitted("since", 30);
        awaitCommitted("hour", 30);
        assertThat(lines("all")).isEqualTo(messages(range(0, 30)));
        assertThat(lines("hour")).isEqualTo(messages(range(0, 30)));
        assertThat(lines("since")).isEqualTo(messages(range(20, 30)));
    }

    private Path picky() throws IOException {
        return TestBundle.of("picky", "1.0.0").header("Import-Package", "io.monitoringhub.spi.backend")
                .component("""
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="picky.Picky"
                            configuration-pid="hub.backend.picky" configuration-policy="require">
                          <implementation class="picky.Picky"/>
                          <service><provide interface="io.monitoringhub.spi.backend.Backend"/></service>
                          <property name="hub.type" value="picky"/>
                        </scr:component>""")
                .source("picky.Picky", """
                        package picky;
                        import io.monitoringhub.spi.backend.*;
                        import java.io.IOException;
                        import java.nio.charset.StandardCharsets;
                        import java.nio.file.*;
                        import java.util.*;
                        public class Picky implements Backend {
                            private BackendContext context;
                            private final StringBuilder taken = new StringBuilder();
                            public long open(BackendContext given) { context = given; taken.setLength(0); return given.committed(); }
                            public WriteResult write(Batch batch) {
                                List<WriteResult.Rejection> rejected = new ArrayList<>();
                                boolean lenient = Files.exists(context.resolve("lenient"));
                                for (int i = 0; i < batch.size(); i++) {
                                    String message = StandardCharsets.UTF_8.decode(batch.message(i)).toString();
                                    if (!lenient && message.contains("bad")) {
                                        rejected.add(new WriteResult.Rejection(batch.offset(i), "too_bad", "not good"));
                                    } else {
                                        taken.append(message).append('\\n');
                                    }
                                }
                                return new WriteResult(rejected, List.of());
                            }
                            public Commit flush(long next) throws DeliveryException {
                                try {
                                    Files.writeString(context.resolve("picky.ldjson"), taken, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                                } catch (IOException e) {
                                    throw new TransientDeliveryException("cannot write", e);
                                }
                                taken.setLength(0);
                                return Commit.upTo(next);
                            }
                            public void close() { }
                        }
                        """).writeTo(folder, hub);
    }

    private String yaml(String more) {
        return """
                transports: { tcp: { port: %d } }
                backends:
                  archive: { type: filesystem, path: events }
                  %s
                """.formatted(port, more);
    }

    private void edit(String yaml) throws IOException {
        Files.move(Files.writeString(hub.conf().resolveSibling("hub.yaml.new"), yaml), hub.conf(), StandardCopyOption.ATOMIC_MOVE);
        hub.waitUntil("hub.yaml was read again", () -> hub.logTail(200).contains("was read again"));
    }

    /** A time between what was stored before and what is sent from now on. */
    private Instant laterThanNow() {
        Instant time = Instant.now().plusMillis(20);
        hub.waitUntil("the clock goes on", () -> Instant.now().isAfter(time.plusMillis(20)));
        return time;
    }

    private void send(String word, int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(MESSAGE.formatted(word, sent++)).append('\n');
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port); OutputStream out = socket.getOutputStream()) {
            out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        hub.waitUntil("they are in the log", () -> committed("archive") == sent, () -> hub.ask("hub:lanes"));
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    /** In these tests 3, 7 and 8 are the bad ones where there are any. */
    private List<String> messages(int... numbers) {
        boolean isPicky = Files.exists(hub.data().resolve("lenient"));
        return IntStream.of(numbers).mapToObj(n -> MESSAGE.formatted(isPicky && (n == 3 || n == 7 || n == 8) ? "bad" : "good", n)).toList();
    }

    private List<String> lines(String path) {
        return EventFiles.lines(hub.data().resolve(path));
    }

    private void awaitCommitted(String lane, long offset) {
        hub.waitUntil(lane + " is at " + offset, () -> committed(lane) == offset, () -> hub.ask("hub:lanes"));
    }

    private long committed(String lane) {
        return hub.lane(lane).committed();
    }

    private String lane(String name) {
        return hub.ask("hub:lanes").lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("");
    }
}
