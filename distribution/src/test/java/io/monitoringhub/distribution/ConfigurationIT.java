package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The configuration of the packaged hub: looked at, changed while it runs, refused. */
class ConfigurationIT {

    private static final String MESSAGE = "{\"v\":1,\"src\":\"s\",\"ts\":1697821234567,\"type\":\"heartbeat\"}\n";
    private static final String TWO_BACKENDS = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
              side: { type: filesystem, path: side, flush_ms: 50 }
            """;

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private int port;

    @BeforeEach
    void unpack() throws Exception {
        hub = PackagedHub.unpackInto(folder);
        port = TestConfiguration.freePort();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void anEditOfOneBackendLeavesConnectionsAndTheOtherBackendAlone() throws Exception {
        hub.configure(TWO_BACKENDS.formatted(port)).start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(client);
            hub.waitUntil("both backends have it", () -> lines("events") == 1 && lines("side") == 1);
            List<String> before = linesAbout("archive");

            replace(TWO_BACKENDS.formatted(port).replace("flush_ms: 50", "flush_ms: 60, gzip: true"));

            awaitInLog("was read again: backends.side changed (flush_ms, gzip)");
            send(client);
            hub.waitUntil("both backends have the next", () -> lines("events") == 2 && lines("side") == 2);
            assertThat(linesAbout("archive")).as("nothing happened to it").isEqualTo(before);
            assertThat(client.getInputStream().available()).as("the connection stands and was told nothing").isZero();
        }
    }

    @Test
    void aBadFileChangesNothingAndShowsInTheStatusUntilItIsMended() throws Exception {
        hub.configure(TWO_BACKENDS.formatted(port)).start();
        hub.waitUntil("both backends are there", () -> hub.ask("hub:status").matches("(?s).*lane +archive +OK.*lane +side +OK.*"));
        replace(TWO_BACKENDS.formatted(port).replace("flush_ms: 50", "flush_ms: 0, gzipp: true"));

        hub.waitUntil("the edit is refused", () -> hub.ask("hub:status").contains("NOT USED as it is now"));
        String range = "hub.yaml:4:41: backends.side.flush_ms: expected a number from 1 to 60000, not '0'";
        String typo = "hub.yaml:4:54: backends.side.gzipp: there is no such key. Did you mean 'gzip'?";
        assertThat(hub.ask("hub:status")).contains(range).contains(typo).containsPattern("lane +side +DEGRADED .*" + "gzipp")
                .containsPattern("lane +archive +OK");
        assertThat(hub.hub("check")).satisfies(check -> {
            assertThat(check.exitCode()).isEqualTo(78);
            assertThat(check.output()).contains(range).contains(typo);
        });
        assertThat(hub.hub("reload").exitCode()).isEqualTo(78);
        assertThat(hub.hub("config", "diff").exitCode()).isEqualTo(78);

        replace(TWO_BACKENDS.formatted(port));
        hub.waitUntil("it is well again", () -> !hub.ask("hub:status").contains("NOT USED") && hub.ask("hub:status").matches("(?s).*lane +side +OK.*"));
        assertThat(hub.ask("hub:config diff")).isEqualTo("what is on disk is in use\n");
    }

    @Test
    void aHangUpSignalAndACommandReadWhatNobodyWatches() throws Exception {
        Path size = Files.writeString(folder.resolve("size"), "64MB\n");
        hub.configure(TWO_BACKENDS.formatted(port) + "dead_letters: { max_size: \"${file:" + size + "}\" }\nstop: { drain: 5s }\n").start();

        Files.writeString(size, "65MB");
        assertThat(hub.ask("hub:config diff")).contains("~ dead_letters.max_size: ${file:" + size + "}");
        // The shell's own: a bare machine has no program of that name.
        hub.run(List.of("bash", "-c", "kill -HUP " + hub.pid()));
        awaitInLog("SIGHUP: the configuration is read again");
        awaitInLog("was read again: dead_letters.max_size changed");
        assertThat(hub.isRunning()).isTrue();

        Files.writeString(size, "66MB");
        assertThat(hub.hub("reload")).satisfies(reload -> {
            assertThat(reload.exitCode()).isZero();
            assertThat(reload.output()).contains("was read again: dead_letters.max_size changed");
        });
    }

    @Test
    void furtherFilesAreFollowedAndARestartIsAskedForWhereItIsNeeded() throws Exception {
        hub.configure(TWO_BACKENDS.formatted(port)).start();
        Path includes = Files.createDirectories(hub.conf().resolveSibling("conf.d"));
        move(Files.writeString(folder.resolve("draft"), "log: { retain: 48h }\nbackends: { third: { type: filesystem, path: third } }\n"),
                includes.resolve("10-third.yaml"));

        awaitInLog("was read again: backends.third added; with the next start only: log.retain");
        assertThat(hub.ask("hub:lanes")).contains("third");
        assertThat(hub.ask("hub:config diff")).isEqualTo("~ log.retain: 24h -> 48h   (conf.d/10-third.yaml:1:8)   (with the next start)\n");
        Files.delete(includes.resolve("10-third.yaml"));
        awaitInLog("was read again: backends.third removed; with the next start only: log.retain");
    }

    @Test
    void showTellsWhereEachValueComesFromAndNoSecret() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "h1dden");
        hub.with("HUB_BACKENDS_ARCHIVE_FLUSH_MS", "70").with("VAULT_TOKEN", "t0ken").configure("""
                transports: { tcp: { port: %d } }
                backends:
                  archive: { type: filesystem, path: events, flush_ms: 60 }
                  vault: { type: vault, password: "pl4in", token: "${env:VAULT_TOKEN}", salt: "${file:%s}", url: "https://u:w0rd@127.0.0.1/" }
                """.formatted(port, secret)).start();

        String shown = hub.ask("hub:config show");
        assertThat(shown).containsPattern("backends.archive.flush_ms: +70 +environment variable HUB_BACKENDS_ARCHIVE_FLUSH_MS")
                .containsPattern("transports.tcp.port: +" + port + " +hub.yaml:1:22").containsPattern("backends.archive.gzip: +false +default")
                .containsPattern("backends.vault.password: +\\*\\*\\* +hub.yaml:4:25").containsPattern("log.retain: +24h +default")
                .contains("https://u:***@127.0.0.1/");
        replace(Files.readString(hub.conf()).replace("pl4in", "pl5in").replace("w0rd", "w1rd"));
        awaitInLog("was read again: backends.vault changed (password, url)");
        Files.writeString(secret, "h2dden");
        String all = shown + hub.ask("hub:config diff") + hub.hub("config", "show").output() + hub.ask("hub:reload") + hub.hub("schema").output()
                + hub.hub("check").output() + hub.logTail(10_000);
        assertThat(all).doesNotContain("pl4in").doesNotContain("pl5in").doesNotContain("t0ken").doesNotContain("h1dden")
                .doesNotContain("h2dden").doesNotContain("w0rd").doesNotContain("w1rd");
    }

    @Test
    void checkLooksAtADraftWithoutTouchingAnything() throws Exception {
        Path draft = Files.writeString(folder.resolve("draft.yaml"), """
                transports: { tcp: { prot: 1 } }
                backends: { archive: { type: filesystem, rotate: weekly }, later: { type: later, anything: 1 } }
                logs: {}
                """);
        PackagedHub.Outcome bad = hub.hub("check", draft.toString());
        assertThat(bad.exitCode()).isEqualTo(78);
        assertThat(bad.output()).containsSubsequence("draft.yaml:1:22: transports.tcp.prot: there is no such key. Did you mean 'port'?",
                "draft.yaml:2:42: backends.archive.rotate: expected one of never, hourly, daily, not 'weekly'",
                "draft.yaml:3:1: logs: there is no such key. Did you mean 'log'?");
        Files.writeString(draft, "backends: { later: { type: later, anything: 1 } }\n");
        PackagedHub.Outcome good = hub.hub("check", draft.toString());
        assertThat(good.exitCode()).as(good.output()).isZero();
        assertThat(good.output()).contains("backend        later, type later: no plugin of this type").contains("all well");
        assertThat(hub.hub("check", "no.yaml").exitCode()).isEqualTo(78);
        assertThat(hub.data().resolve("log")).as("no log was opened").doesNotExist();
        assertThat(hub.data().resolve("logs/hub.log")).as("and no hub's log written").doesNotExist();
    }

    @Test
    void aPluginThatComesLaterIsAskedWhatItTakes() throws Exception {
        hub.configure("""
                transports: { tcp: { port: %d } }
                backends: { tally: { type: tally, path: tally.tsv, max_source: 5 } }
                """.formatted(port)).start();
        assertThat(hub.ask("hub:lanes")).contains("WAITING");
        hub.drop(template(), "backend-tally.jar");
        hub.waitUntil("the misspelt key is named", () -> hub.ask("hub:status").matches("(?s).*lane +tally +DEGRADED .*"
                + "hub.yaml:2:52: backends.tally.max_source: there is no such key. Did you mean 'max_sources'[?].*"), () -> hub.ask("hub:status"));
        replace(Files.readString(hub.conf()).replace("max_source:", "max_sources:"));
        hub.waitUntil("it is well", () -> hub.ask("hub:status").matches("(?s).*lane +tally +OK.*"), () -> hub.ask("hub:status"));
    }

    @Test
    void theSchemaTakesTheSamplesAndRefusesAMisspeltKey() throws Exception {
        hub.drop(template(), "backend-tally.jar");
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(hub.hub("schema").output());
        assertThat(refused(schema, Files.readString(hub.conf()))).as("the shipped file").isEmpty();
        for (Path sample : samples()) {
            assertThat(refused(schema, Files.readString(sample))).as("%s", sample).isEmpty();
            String live = Files.readString(sample).replaceAll("(?m)^( +)# ([a-z_]+: \\S+)$", "$1$2");
            assertThat(refused(schema, live)).as("%s with all keys", sample).isEmpty();
        }
        assertThat(refused(schema, "transports: { tcp: { prot: 17000 } }\n")).isNotEmpty();
        assertThat(refused(schema, "transports: { in: { type: tcp, port: 99999 } }\n")).isNotEmpty();
        assertThat(refused(schema, "backends: { archive: { type: filesystem, rotate: weekly } }\n")).isNotEmpty();
        assertThat(refused(schema, "backends: { archive: { path: x } }\n")).as("no type").isNotEmpty();
        assertThat(refused(schema, "log: { retain: soon }\n")).isNotEmpty();
        assertThat(refused(schema, "route: []\n")).isNotEmpty();
        assertThat(refused(schema, "backends: { x: { type: not_here, any: 1 } }\ntransports: { tcp: { port: \"${env:P}\" } }\n")).isEmpty();
    }

    private static List<String> refused(JsonSchema schema, String yaml) {
        Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        return schema.validate(new ObjectMapper().valueToTree(tree)).stream().map(Object::toString).toList();
    }

    private static List<Path> samples() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> all = Stream.concat(Files.walk(root.resolve("plugins"), 5), Files.walk(root.resolve("examples"), 5))) {
            List<Path> samples = all.filter(path -> path.toString().matches(".*/src/main/samples/[^/]+\\.yaml")).sorted().toList();
            assertThat(samples).hasSizeGreaterThan(2);
            return samples;
        }
    }

    /** The template's jar: on the class path because this module tests with it, and nowhere in the tarball. */
    private static Path template() throws IOException {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*backend-tally-[^/]*\\.jar")).map(Path::of).findFirst()
                .orElseThrow(() -> new IOException("no backend-tally jar on the class path: build with 'verify', from the project's root"));
    }

    private static void send(Socket client) throws IOException {
        client.getOutputStream().write(MESSAGE.getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
    }

    private void replace(String yaml) throws IOException {
        move(Files.writeString(folder.resolve("draft"), yaml), hub.conf());
    }

    private static void move(Path draft, Path target) throws IOException {
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private long lines(String path) {
        return EventFiles.lines(hub.data().resolve(path)).size();
    }

    private List<String> linesAbout(String backend) {
        return hub.logTail(10_000).lines().filter(line -> line.contains("filesystem/" + backend) || line.contains("lane " + backend))
                .collect(Collectors.toList());
    }

    private void awaitInLog(String words) {
        hub.waitUntil("the log says: " + words, () -> hub.logTail(10_000).contains(words));
    }
}
