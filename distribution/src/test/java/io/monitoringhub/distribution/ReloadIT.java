package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations read again and jars replaced, over and over, good ones and bad ones; numbers as in docs/bug-classes.md. */
class ReloadIT {

    /** 1,000 with {@code -Dhub.reloads=1000}: takes some ten minutes. */
    private static final int RELOADS = Integer.getInteger("hub.reloads", 25);
    private static final int UNTIL_WARM = 8;
    private static final long ALLOWED_GROWTH = 2L << 20;
    private static final int LOOKS = 10;
    private static final int RATE = 5_000;
    private static final String JAR = "backend-filesystem.jar";
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final Pattern LOADERS = Pattern.compile("(?m)^ *\\d+: +(\\d+) .*BundleWiringImpl\\$BundleClassLoader");
    private static final Pattern THREAD = Pattern.compile("(?m)^\"(hub-[^\"]*)\"");
    private static final String ONE = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
            """;
    private static final String EXTRA = ONE + "  extra: { type: filesystem, path: extra }\n";
    private static final String LATE = ONE + "  late: { type: nowhere, start: earliest }\n";

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
    void class09_aBadConfigurationTouchesNeitherBacklogNorThePipeline() throws Exception {
        LoadReport sent;
        List<String> bad = List.of(LATE.replace("type: nowhere", "typ: nowhere"), LATE.replace("late:", "late"),
                LATE + "routes: [ { source: \"*\", to: [archive, lat] } ]\n", LATE + "log: { path: elsewhere, retain: never }\n");
        edit(LATE);
        hub.waitUntil("entries wait for late", () -> lane("late").contains(" WAITING "), () -> hub.ask("hub:lanes"));
        try (LoadRun load = loaded.load().acknowledged(true).rate(RATE).messages(0).build().start()) {
            for (String each : bad) {
                edit(each);
                hub.waitUntil("the edit is refused", () -> hub.ask("hub:status").contains("NOT USED"), () -> each + hub.ask("hub:status"));
                long enough = load.acked() + RATE / 2;
                hub.waitUntil("messages are taken", () -> load.acked() >= enough, () -> load.acked() + " are");
                assertThat(lane("late")).as("its backlog").contains(" WAITING ");
                assertThat(committed("late")).isZero();
                edit(LATE);
                hub.waitUntil("the good one is used", () -> !hub.ask("hub:status").contains("NOT USED"), () -> hub.ask("hub:status"));
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).isZero();
        loaded.assertComplete(sent);

        hub.stop();
        edit(bad.get(3));
        assertThat(hub.hub("start").exitCode()).isEqualTo(78);
        assertThat(hub.data().resolve("elsewhere")).doesNotExist();
        edit(LATE.replace("type: nowhere", "type: filesystem, path: late"));
        hub.start();
        hub.waitUntil("late gets its backlog", () -> committed("late") == sent.sent(), () -> hub.ask("hub:lanes"));
        loaded.assertComplete(sent);
    }

    @Test
    void class16_memoryThreadsAndClassLoadersDoNotGrowPerReloadAndSwap() throws Exception {
        Path original = Files.copy(hub.plugins().resolve(JAR), folder.resolve("original.jar"));
        reload(original, "1.0.", UNTIL_WARM);
        Alive before = alive();
        for (Alive again = alive(); !again.isLike(before); again = alive()) {
            before = again;
        }
        reload(original, "2.0.", RELOADS);
        // What comes and goes has gone at one of some looks; what leaks has not.
        Alive after = alive();
        for (int look = 1; look < LOOKS && !(after.isLike(before) && after.bytes() < before.bytes() + ALLOWED_GROWTH); look++) {
            after = alive();
        }
        assertThat(after.threads()).isEqualTo(before.threads());
        assertThat(after.loaders()).as("class loaders of bundles").isEqualTo(before.loaders());
        assertThat(after.bytes()).as("live bytes after %d reloads and swaps; before: %d", RELOADS, before.bytes())
                .isLessThan(before.bytes() + ALLOWED_GROWTH);
        LoadReport sent = loaded.load().messages(RATE).build().run();
        loaded.assertComplete(sent);
    }

    /** Each time: a backend comes, the jar of both is replaced, the backend goes. */
    private void reload(Path original, String version, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            edit(EXTRA);
            hub.waitUntil("extra is served", () -> lane("extra").contains(" OK "), () -> hub.ask("hub:lanes"));
            hub.drop(LoadedHub.withVersion(original, version + i, folder.resolve("next.jar")), JAR);
            hub.waitForPlugin(JAR, version + i);
            hub.waitUntil("both are served again", () -> lane("extra").contains(" OK ") && lane("archive").contains(" OK "), () -> hub.ask("hub:lanes"));
            edit(ONE);
            hub.waitUntil("extra is gone", () -> lane("extra").contains(" ORPHANED "), () -> hub.ask("hub:lanes"));
        }
    }

    private record Alive(long bytes, int loaders, List<String> threads) {
        boolean isLike(Alive other) {
            return loaders == other.loaders && threads.equals(other.threads);
        }
    }

    /** What a full collection leaves. */
    private Alive alive() throws Exception {
        String histogram = jcmd("GC.class_histogram");
        List<String> threads = THREAD.matcher(jcmd("Thread.print")).results().map(each -> each.group(1)).sorted().toList();
        return new Alive(number(TOTAL, histogram), (int) number(LOADERS, histogram), threads);
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private String jcmd(String command) throws Exception {
        return hub.run(List.of(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), Long.toString(hub.pid()), command)).output();
    }

    private void edit(String yaml) throws IOException {
        Path draft = Files.writeString(hub.conf().resolveSibling("hub.yaml.new"), yaml.formatted(loaded.port()));
        Files.move(draft, hub.conf(), StandardCopyOption.ATOMIC_MOVE);
    }

    private long committed(String lane) {
        return hub.lane(lane).committed();
    }

    private String lane(String name) {
        return hub.ask("hub:lanes").lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("");
    }
}
