package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as an operator uses them. One hub serves all cases. */
class CommandsIT {

    private static final String BACKEND = "backend-filesystem.jar";
    private static final List<String> SECRETS = List.of("pl4in-pw", "t0ken-of-env", "h1dden-in-file", "w0rd-in-url", "l0gged-pw");
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @TempDir
    private static Path folder;
    private static LoadedHub loaded;
    private static PackagedHub hub;

    /** What a command did, its two streams apart. */
    private record Done(int code, String out, String err) {
    }

    @BeforeAll
    static void start() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "h1dden-in-file");
        Path unpacked = folder.resolve("hub");
        int port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(unpacked).with("VAULT_TOKEN", "t0ken-of-env").configure("""
                transports: { tcp: { port: %d } }
                backends:
                  archive: { type: filesystem, path: events }
                  vault: { type: vault, password: "pl4in-pw", token: "${env:VAULT_TOKEN}", salt: "${file:%s}", url: "https://u:w0rd-in-url@127.0.0.1/" }
                routes: [ { source: "*", to: [archive] } ]
                """.formatted(port, secret));
        loaded = LoadedHub.of(hub, port);
    }

    @AfterAll
    static void stop() throws Exception {
        hub.close();
    }

    @Test
    void whatACommandShowsIsOneJsonDocumentAndNothingElse() throws Exception {
        for (String command : List.of("status", "lanes", "plugins", "routes", "route '{\"src\":\"x\"}'", "config show", "config diff", "traces", "jobs",
                "dead", "check", "log-level")) {
            PackagedHub.Outcome shown = hub.shell("hub:" + command + " --json");
            assertThat(shown.output().strip().lines()).as(command).hasSize(1);
            assertThat(JSON.readTree(shown.output()).isObject()).as(command).isTrue();
        }
        assertThat(json("status").path("state").asText()).isEqualTo("ready");
        assertThat(json("status").path("addresses").path("tcp").asText()).endsWith(":" + loaded.port());
        assertThat(json("version").path("version").asText()).isNotEmpty();
        assertThat(json("log", "cursors").path("cursors").toString()).contains("archive");
        assertThat(json("lanes").path("lanes").findValuesAsText("lane")).containsExactly("archive", "vault");
        assertThat(json("route", "{\"src\":\"it's $x * [a] \\\\ `y` \\\"z\\\"\"}").path("lanes").toString()).as("words come as they are")
                .isEqualTo("[\"archive\"]");
        assertThat(JSON.readTree(hub.shell("hub:lanes --json").output()).at("/lanes/0/log_end").isNumber()).isTrue();
        JsonNode sample = json("top");
        assertThat(sample.at("/lanes/0/out_per_second").isNumber()).isTrue();
        assertThat(sample.at("/transports/0/in_per_second").isNumber()).isTrue();
    }

    @Test
    void exitCodesAndErrorsAreThoseOfTheTable() throws Exception {
        assertFailure(run("lanez"), 64, "did you mean 'lanes'?");
        assertFailure(run("lanes", "--jsn"), 64, "did you mean '--json'?");
        assertFailure(run("start", "--force"), 64, "start: no option '--force'");
        assertFailure(run("convert", "--frce"), 64, "did you mean '--force'?");
        assertFailure(run("pause", "nobody"), 1, "there is no lane 'nobody'");
        Done failed = run("retry", "nobody", "--json");
        assertThat(failed.out()).isEmpty();
        assertThat(JSON.readTree(failed.err()).path("exit_code").asInt()).isEqualTo(failed.code()).isEqualTo(1);
        assertThat(hub.shell("hub:lanes --bad").exitCode()).isEqualTo(64);
        assertThat(hub.shell("hub:dead nonsense x y")).satisfies(dead -> assertThat(dead.exitCode()).isEqualTo(64));
        assertThat(hub.shell("hub:log-level x loud").exitCode()).isEqualTo(1);
        String good = Files.readString(hub.conf());
        Path bad = Files.writeString(folder.resolve("bad.yaml"), good.replace("port: ", "prot: "));
        assertThat(run("check", bad.toString(), "--json")).satisfies(check -> {
            assertThat(check.code()).isEqualTo(78);
            assertThat(JSON.readTree(check.out()).path("usable").asBoolean(true)).isFalse();
        });
    }

    @Test
    void helpIsTheSameInsideAndOutside() throws Exception {
        Done outside = run("replay", "--help");
        assertThat(outside.code()).isZero();
        assertThat(outside.out()).startsWith("usage: hub replay LANE");
        assertThat(hub.ask("hub:replay --help")).isEqualTo(outside.out().replaceFirst("hub replay", "hub:replay"));
        assertThat(run("start", "-h").out()).startsWith("usage: hub start");
        assertThat(hub.ask("hub:help")).contains("swap", "felix:help");
    }

    @Test
    void tablesFitATerminalAndHaveColourThereUnlessNobodyWantsIt() throws Exception {
        String bin = hub.home().resolve("bin/hub").toString();
        String coloured = terminal("stty cols 60; NO_COLOR= TERM=xterm " + bin + " lanes");
        assertThat(coloured).contains("archive").containsPattern("\u001b\\[3[0-9]m[A-Z]+\u001b\\[0m");
        String plain = terminal("stty cols 60; NO_COLOR=1 TERM=xterm " + bin + " lanes");
        assertThat(plain).contains("archive").doesNotContain("\u001b");
        assertThat(plain.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(60));
        assertThat(run("lanes").out()).as("no terminal").contains("waiting for a bundle that provides backend type vault").doesNotContain("\u001b");
    }

    @Test
    void aSwapReportsWhatTheCountersSayAndTheFilesAgree() throws Exception {
        Path shipped = Files.copy(hub.plugins().resolve(BACKEND), folder.resolve("shipped.jar"));
        LoadReport sent;
        JsonNode report;
        try (LoadRun load = loaded.load().rate(5_000).messages(0).build().start()) {
            hub.waitUntil("some are sent", () -> load.sent() > 2_000 || !load.isRunning());
            Path next = LoadedHub.withVersion(shipped, "7.1.0", folder.resolve("next.jar"));
            Done swap = run("swap", "backend-filesystem", next.toString(), "--json");
            assertThat(swap.code()).as(swap.toString()).isZero();
            report = JSON.readTree(swap.out());
            load.stop();
            sent = load.await();
        }
        assertThat(report.path("to").asText()).isEqualTo("7.1.0");
        assertThat(report.path("settled").asBoolean()).as("%s", report).isTrue();
        JsonNode lane = report.at("/lanes/0");
        assertThat(lane.path("lane").asText()).isEqualTo("archive");
        assertThat(lane.path("delivered_to").asLong()).as("%s", report).isPositive();
        assertThat(lane.path("resumed_at").asLong()).isEqualTo(lane.path("committed_at").asLong());
        assertThat(report.path("lost").asLong()).isZero();
        assertThat(report.path("doubled").asLong()).isZero();
        loaded.assertComplete(sent);

        hub.drop(LoadedHub.withVersion(shipped, "7.2.0", folder.resolve("dropped.jar")), BACKEND);
        hub.waitForShell("hub:swap", last -> last.output().contains("7.1.0 -> 7.2.0") && last.output().contains("lost 0, doubled 0"));
        Path garbage = Files.writeString(folder.resolve("garbage.jar"), "no jar");
        assertFailure(run("swap", BACKEND, garbage.toString()), 1, "refused, previous version runs");
        assertFailure(run("swap", "no-such-plugin", garbage.toString()), 1, "there is no plugin 'no-such-plugin'");
        hub.drop(shipped, BACKEND);
        hub.waitForPlugin(BACKEND, "0.1.0");
        hub.waitUntil("its lane is served", () -> hub.lane("archive").state().equals("OK"), () -> hub.ask("hub:lanes"));
    }

    @Test
    void aLogLevelHoldsUntilItIsReset() throws Exception {
        String logger = "io.monitoringhub.commands.it";
        assertThat(run("log-level", logger, "debug").out()).contains("says debug until the hub ends");
        assertThat(json("log-level", logger).at("/loggers/0/changed").asBoolean()).isTrue();
        assertThat(hub.ask("hub:log-level")).containsPattern(logger + " +debug +changed");
        assertThat(run("log-level", logger, "reset").out()).contains("says info, as configured");
    }

    @Test
    void aSupportBundleHasWhatHelpsAndNoSecretAlsoOfAHubThatDoesNotRun() throws Exception {
        Files.writeString(hub.data().resolve("logs/console.log"), "connecting with password=l0gged-pw to t0ken-of-env\n",
                java.nio.file.StandardOpenOption.APPEND);
        Path file = folder.resolve("running.zip");
        assertThat(run("support-bundle", file.toString()).code()).isZero();
        assertThat(withoutSecrets(file)).contains("about.json", "status.json", "plugins.json", "check.json", "configuration-in-use.json",
                "threads.txt", "metrics.txt", "memory.json", "process.txt", "cursors.txt", "logs/hub.log");
        assertFailure(run("support-bundle", file.toString()), 73, "exists");

        assertThat(hub.stop().exitCode()).isZero();
        Done status = run("status", "--json");
        assertThat(status.code()).isEqualTo(3);
        assertThat(JSON.readTree(status.out()).path("state").asText()).isEqualTo("not_running");
        Done lanes = run("lanes", "--json");
        assertThat(lanes.code()).isEqualTo(69);
        assertThat(JSON.readTree(lanes.err()).path("exit_code").asInt()).isEqualTo(69);
        Path stopped = folder.resolve("stopped.zip");
        Done bundle = run("support-bundle", stopped.toString());
        assertThat(bundle.code()).as(bundle.toString()).isZero();
        assertThat(withoutSecrets(stopped)).contains("about.json", "check.json", "configuration-on-disk.json", "cursors.txt", "logs/hub.log")
                .doesNotContain("status.json", "threads.txt");
        hub.start();
    }

    /** @return the names of the entries */
    private static List<String> withoutSecrets(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                SECRETS.forEach(secret -> assertThat(text).as(entry.getName()).doesNotContain(secret));
                if (entry.getName().endsWith(".json")) {
                    JSON.readTree(text);
                }
                names.add(entry.getName().replaceFirst("hub-support/", ""));
            }
        }
        return names;
    }

    private static void assertFailure(Done done, int code, String words) {
        assertThat(done.code()).as(done.toString()).isEqualTo(code);
        assertThat(done.err()).contains(words);
        assertThat(done.out()).isEmpty();
    }

    private static JsonNode json(String... words) throws Exception {
        Done done = run(Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new));
        assertThat(done.code()).as(done.toString()).isZero();
        return JSON.readTree(done.out());
    }

    private static Done run(String... words) throws Exception {
        return run(hub.process(Stream.concat(Stream.of(hub.home().resolve("bin/hub").toString()), Stream.of(words)).toList()));
    }

    /** Through a terminal of its own, whose lines end as those of terminals do. */
    private static String terminal(String command) throws Exception {
        return run(hub.process(List.of("script", "-qec", command, "/dev/null"))).out().replace("\r", "");
    }

    private static Done run(ProcessBuilder command) throws Exception {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        Process process = command.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command.command() + " did not end: " + Files.readString(out) + Files.readString(err));
        }
        return new Done(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
