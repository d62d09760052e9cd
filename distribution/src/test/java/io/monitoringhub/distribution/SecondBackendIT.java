package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A second backend comes to a hub that runs under load: first in {@code hub.yaml}, then as a jar. It is examples/plugin-template, which
 * no part of the distribution knows.
 */
class SecondBackendIT {

    private static final int RATE = 5_000;
    private static final String JAR = "backend-tally.jar";
    private static final String ONE = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
            routes:
              - { source: "*", to: [archive] }
            """;
    private static final String BOTH = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
              tally: { type: tally, path: tally.tsv }
            routes:
              - { source: "*", to: [archive, tally] }
            """;
    private static final Pattern SOURCE = Pattern.compile("\"src\":\"([^\"]*)\"");
    private static final Pattern TYPE = Pattern.compile("\"type\":\"([^\"]*)\"");

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
        hub = loaded.hub();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void itsEntriesWaitForTheJarAndItGetsEachOfThemOnce() throws Exception {
        LoadReport sent;
        long first;
        long pid = hub.pid();
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            awaitSent(load, RATE);
            loaded.awaitLines(RATE);
            edit(ONE);

            edit(BOTH);
            hub.waitUntil("entries wait for tally", () -> lane("tally").behind() > RATE, () -> hub.ask("hub:lanes"));
            assertThat(lane("tally").state()).isEqualTo("WAITING");
            assertThat(hub.ask("hub:lanes")).contains("waiting for a bundle that provides backend type tally");
            assertThat(tally()).doesNotExist();
            first = lane("tally").committed();
            assertThat(first).as("begins with the edit, not with the log").isGreaterThanOrEqualTo(RATE);

            List<String> before = linesAboutArchive();
            hub.drop(template(), JAR);
            hub.waitForPlugin(JAR, "active");
            awaitCaughtUp(load, "tally");
            assertThat(linesAboutArchive()).as("what the log says of the other lane").isEqualTo(before);

            assertRefusedEditTouchesNothing(load, BOTH.replace("to: [archive, tally]", "to: [archive, taly]"),
                    "routes[0].to: there is no backend 'taly'. Did you mean 'tally'?");
            assertRefusedEditTouchesNothing(load, BOTH.replace("path: tally.tsv }", "path: tally.tsv"), "line ");
            edit(BOTH);
            assertThat(hub.ask("hub:status")).doesNotContain("NOT USED");
            assertThat(linesAboutArchive()).as("what the log says of the other lane").isEqualTo(before);

            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).as("the sender noticed nothing").isZero();
        assertThat(hub.pid()).as("no restart").isEqualTo(pid);
        loaded.assertComplete(sent);
        assertTallied(first, sent.sent());
    }

    @Test
    void withoutItsConfigurationItsLaneIsGoneAndLaterGoesOnWhereItWas() throws Exception {
        hub.drop(template(), JAR);
        hub.waitForPlugin(JAR, "active");
        edit(BOTH);
        hub.waitUntil("tally is served", () -> lane("tally").state().equals("OK"), () -> hub.ask("hub:lanes"));
        long sent;
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            awaitSent(load, RATE);
            edit(ONE);
            assertThat(hub.ask("hub:lanes")).as("no lane, only a position that is kept").containsPattern("(?m)^tally +ORPHANED ");
            assertThat(hub.plugin(JAR)).as("the bundle stays").contains("active");
            String left = Files.readString(tally());
            awaitSent(load, load.sent() + RATE);
            loaded.awaitLines(load.sent());
            assertThat(tally()).as("nobody counts").hasContent(left);

            edit(BOTH);
            awaitCaughtUp(load, "tally");
            load.stop();
            LoadReport report = load.await();
            loaded.assertComplete(report);
            sent = report.sent();
        }
        assertTallied(0, sent);

        Files.delete(hub.plugins().resolve(JAR));
        hub.waitUntil("tally waits again", () -> lane("tally").state().equals("WAITING"), () -> hub.ask("hub:lanes"));
        edit(ONE);
        assertThat(hub.shell("hub:forget tally").exitCode()).isZero();
        assertThat(hub.ask("hub:lanes")).doesNotContain("tally");
    }

    @Test
    void itsOwnPositionKeepsItExactAfterKill9() throws Exception {
        hub.drop(template(), JAR);
        hub.waitForPlugin(JAR, "active");
        edit(BOTH);
        hub.waitUntil("tally is served", () -> lane("tally").state().equals("OK"), () -> hub.ask("hub:lanes"));
        LoadReport sent;
        try (LoadRun load = loaded.load().acknowledged(true).reconnectFor(Duration.ofSeconds(60)).rate(RATE).messages(0).build().start()) {
            for (int round = 0; round < 3; round++) {
                long enough = load.acked() + RATE + round * 777L;
                hub.waitUntil("messages are acknowledged", () -> load.acked() >= enough);
                hub.kill();
                hub.start();
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.acked()).isEqualTo(sent.sent());
        loaded.assertComplete(sent);
        assertTallied(0, sent.sent());
    }

    @Test
    void theEnvironmentOverridesAPort() throws Exception {
        hub.stop();
        int other = TestConfiguration.freePort();
        hub.with("HUB_TRANSPORTS_TCP_PORT", Integer.toString(other)).start();
        assertThat(hub.hub("status").output()).contains(":" + other).doesNotContain(":" + loaded.port());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), other)) {
            assertThat(socket.isConnected()).isTrue();
        }
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), loaded.port()).close())
                .isInstanceOf(ConnectException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "unknown section | backend: { archive: { type: filesystem } } | Did you mean 'backends'?",
        "no YAML         | backends: { archive: { type: filesystem }  | line ",
        "no such backend | routes: [ { source: \"*\", to: [archiv] } ] | there is no backend 'archiv'",
    })
    void aHubWithABrokenConfigurationEndsWith78AndSaysWhy(String what, String yaml, String reason) throws Exception {
        hub.stop();
        hub.configure(yaml + "\n");
        PackagedHub.Outcome outcome = hub.hub("start");
        assertThat(outcome.exitCode()).as("%s: %s", what, outcome.output()).isEqualTo(78);
        assertThat(outcome.output()).contains(hub.conf().toString()).contains(reason);
        assertThat(hub.isRunning()).isFalse();
    }

    private void assertRefusedEditTouchesNothing(LoadRun load, String yaml, String reason) throws Exception {
        replaceConfiguration(yaml);
        hub.waitUntil("the edit is refused because of: " + reason, () -> hub.ask("hub:status").contains(reason), () -> hub.ask("hub:status"));
        assertThat(hub.ask("hub:status")).contains(hub.conf() + ": NOT USED as it is now");
        assertThat(hub.logTail(200)).contains(hub.conf() + " cannot be used").contains(reason)
                .contains("The hub goes on with the configuration that it has");
        awaitSent(load, load.sent() + RATE / 2);
        awaitCaughtUp(load, "tally");
        loaded.awaitLines(load.sent());
    }

    /** Replaces hub.yaml and waits until the hub has taken it. */
    private void edit(String yaml) throws Exception {
        long before = countInLog("was read again");
        replaceConfiguration(yaml);
        hub.waitUntil("hub.yaml was read again", () -> countInLog("was read again") > before);
    }

    private void replaceConfiguration(String yaml) throws IOException {
        Path draft = Files.writeString(hub.conf().resolveSibling("hub.yaml.new"), yaml.formatted(loaded.port()));
        Files.move(draft, hub.conf(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Tally holds exactly the entries from an offset on, by source and type: the archive's lines, in the order of the log, are the measure. */
    private void assertTallied(long first, long end) throws Exception {
        hub.waitUntil("tally has committed all", () -> lane("tally").committed() == end, () -> hub.ask("hub:lanes"));
        Map<String, Long> expected = new TreeMap<>();
        long offset = 0;
        for (String line : EventFiles.lines(loaded.events())) {
            if (offset++ >= first) {
                expected.merge(only(SOURCE, line) + " " + only(TYPE, line), 1L, Long::sum);
            }
        }
        List<String> lines = Files.readAllLines(tally());
        Map<String, Long> found = new TreeMap<>();
        for (String line : lines.subList(2, lines.size())) {
            String[] cells = line.split("\t");
            found.put(URLDecoder.decode(cells[0], StandardCharsets.UTF_8) + " " + cells[1], Long.valueOf(cells[2]));
        }
        assertThat(found).isEqualTo(expected);
        assertThat(found.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(end - first);
        assertThat(lines.get(1)).isEqualTo("#next\t" + end);
    }

    private static String only(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return matcher.group(1);
    }

    private void awaitCaughtUp(LoadRun load, String lane) {
        long sent = load.sent();
        hub.waitUntil(lane + " has caught up", () -> lane(lane).state().equals("OK") && lane(lane).committed() >= sent,
                () -> sent + " were sent\n" + hub.ask("hub:lanes"));
    }

    private void awaitSent(LoadRun load, long count) {
        hub.waitUntil(count + " messages are sent", () -> load.sent() >= count || !load.isRunning(), () -> load.sent() + " are sent");
        assertThat(load.isRunning()).as("the sender goes on").isTrue();
    }

    private LaneStatus lane(String name) {
        return hub.lane(name);
    }

    private long countInLog(String words) {
        return hub.logTail(10_000).lines().filter(line -> line.contains(words)).count();
    }

    private List<String> linesAboutArchive() {
        return hub.logTail(10_000).lines().filter(line -> line.contains("filesystem/archive") || line.contains("lane archive")).toList();
    }

    private Path tally() {
        return hub.data().resolve("tally.tsv");
    }

    /** The template's jar: on the class path because this module tests with it, and nowhere in the tarball. */
    private Path template() throws IOException {
        assertThat(hub.plugins().resolve(JAR)).doesNotExist();
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*backend-tally-[^/]*\\.jar")).map(Path::of).findFirst()
                .orElseThrow(() -> new IOException("no backend-tally jar on the class path: build with 'verify', from the project's root"));
    }
}
