package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A packaged hub with every kind of rule: what is in the files is what the rules say, no more and no less. */
class RoutingIT {

    private static final String ROUTES = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
              alarms: { type: filesystem, path: alarms }
            routes:
              - { default: true, to: [{ backend: archive, as: rest, with: { path: rest } }] }
              - { source: "app", to: [archive] }
              - { source: "*", where: { data.level: [error, fatal], data.ctx.site: { not: test } }, to: [alarms], continue: true, priority: 9 }
              - { source: "app", types: [event], where: { data.ctx.job_id: { matches: "^nightly-" } }, priority: 5,
                  to: [{ backend: archive, as: nightly, with: { path: nightly } }] }
              - { source: "*", to: [alarms], enabled: false, priority: 99 }
              - { source: "noise" }
            """;

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder).configure(ROUTES.formatted(port)).start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void everyFileHoldsExactlyWhatTheRulesSendThere() throws Exception {
        List<String> archive = new ArrayList<>();
        List<String> alarms = new ArrayList<>();
        List<String> nightly = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(line(archive, event("app", i, "info", "{\"job_id\":\"daily-1\"}")));
            all.add(line(nightly, event("app", i, "info", "{\"job_id\":\"nightly-1\"}")));
            String both = line(nightly, event("app", i, "error", "{\"job_id\":\"nightly-2\",\"site\":\"north\"}"));
            all.add(line(alarms, both));
            all.add(line(archive, event("app", i, "error", "{\"site\":\"test\"}")));
            all.add(line(rest, event("other", i, "info", "{}")));
            all.add(line(alarms, event("other", i, "fatal", "{}")));
            all.add(event("noise", i, "warn", "{}"));
            all.add(line(alarms, event("noise", i, "error", "{}")));
            all.add(line(archive, "{\"v\":1,\"src\":\"app\",\"ts\":" + (1_697_821_234_567L + i) + ",\"type\":\"heartbeat\"}"));
        }
        send(all);
        Map.of("events", archive, "alarms", alarms, "nightly", nightly, "rest", rest).forEach((name, expected) ->
                hub.waitUntil(name + " has its " + expected.size() + " lines", () -> lines(name).size() >= expected.size(),
                        () -> lines(name).size() + " lines; " + hub.ask("hub:lanes")));
        hub.waitUntil("every lane has passed everything", () -> hub.ask("hub:lanes").lines().skip(1)
                .allMatch(lane -> lane.split("\\s+")[4].equals("0")), () -> hub.ask("hub:lanes"));
        assertThat(lines("events")).isEqualTo(archive);
        assertThat(lines("alarms")).isEqualTo(alarms);
        assertThat(lines("nightly")).isEqualTo(nightly);
        assertThat(lines("rest")).isEqualTo(rest);

        assertThat(hub.ask("hub:lanes")).contains("archive-nightly ").contains("archive-rest ").contains("alarms ");
    }

    @Test
    void aVariantKeepsItsPositionWhenItsSettingsChangeAndABadRuleChangesNothing() throws Exception {
        send(List.of(event("other", 1, "info", "{}")));
        hub.waitUntil("the first is in the file", () -> lines("rest").size() == 1, () -> hub.ask("hub:lanes"));
        hub.configure(ROUTES.formatted(port).replace("\"^nightly-\"", "\"(nightly\""));
        hub.waitUntil("the bad rule is said", () -> hub.ask("hub:status").contains("where.data.ctx.job_id: '(nightly' is no regular expression"),
                () -> hub.ask("hub:status"));
        hub.configure(ROUTES.formatted(port).replace("path: rest", "path: moved"));
        hub.waitUntil("the changed file is used", () -> !hub.ask("hub:status").contains("NOT USED"), () -> hub.ask("hub:status"));
        hub.waitUntil("the other folder is in use", () -> Files.isDirectory(hub.data().resolve("moved")), () -> hub.ask("hub:lanes"));
        send(List.of(event("other", 2, "info", "{}")));
        hub.waitUntil("the second is in the other file", () -> lines("moved").size() == 1, () -> hub.ask("hub:lanes"));
        assertThat(lines("moved")).containsExactly(event("other", 2, "info", "{}"));
        assertThat(lines("rest")).containsExactly(event("other", 1, "info", "{}"));
    }

    @Test
    void theShellShowsTheRulesInOrderAndTriesThemOnAMessage() throws Exception {
        assertThat(hub.ask("hub:routes").lines().map(line -> line.split(" ")[0])).containsExactly("routes[4]", "routes[2]", "routes[3]", "routes[1]",
                "routes[5]", "routes[0]");
        assertThat(hub.ask("hub:routes")).contains("data.level = error | fatal and data.ctx.site != test").contains("-> alarms, and go on   (priority 9)")
                .contains("-> archive-nightly   (priority 5)").contains("(OFF, priority 99)").contains("-> archive-rest   (default)");
        PackagedHub.Outcome tried = hub.hub("route", "{\"src\":\"app\",\"data\":{\"level\":\"error\",\"ctx\":{\"job_id\":\"nightly-'7'\",\n\"a\":\"\\\"$x\"}}}");
        assertThat(tried.exitCode()).as(tried.output()).isZero();
        assertThat(tried.output().lines()).hasSize(3).first().asString().startsWith("routes[2]");
        assertThat(tried.output()).endsWith("lanes: alarms, archive-nightly\n");
        assertThat(hub.hub("route", "{\"src\":\"noise\"}").output()).endsWith("lanes: (nowhere)\n");
        for (String wrong : List.of("{\"type\":\"event\"}", "[]", "{", "", "{\"src\":\"a\",\"type\":\"b\"}")) {
            assertThat(hub.hub("route", wrong).exitCode()).as(wrong).isEqualTo(1);
        }
    }

    private static String event(String source, int number, String level, String context) {
        return "{\"v\":1,\"src\":\"" + source + "\",\"ts\":" + (1_697_821_234_567L + number) + ",\"type\":\"event\",\"data\":{\"level\":\"" + level
                + "\",\"msg\":\"m" + number + "\",\"ctx\":" + context + "}}";
    }

    private static String line(List<String> expected, String line) {
        expected.add(line);
        return line;
    }

    private void send(List<String> lines) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).as("the hub has read everything").isEqualTo(-1);
        }
    }

    private List<String> lines(String name) {
        return EventFiles.lines(hub.data().resolve(name));
    }
}
