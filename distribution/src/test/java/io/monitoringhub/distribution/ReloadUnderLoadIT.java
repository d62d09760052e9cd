package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration is read again a hundred times while 10,000 messages a second flow; every other time it is wrong. */
class ReloadUnderLoadIT {

    private static final int RATE = 10_000;
    private static final int RELOADS = 100;
    /** Until here everything that is made once has been made. */
    private static final int WARM = 40;
    private static final int LOOKS = 10;
    private static final String SIDE = "backends: { side: { type: filesystem, path: side, flush_ms: %d } }\nstop: { drain: %ds }\n";
    private static final List<String> WRONG = List.of("backends: { side: { type: filesystem, path: side, flush_mss: 50 } }\n",
            "backends: { side: { type: filesystem, path: side, flush_ms: 70000 } }\n", "backends: { side: { type: filesystem\n",
            "transports: { tcp: { port: 1 } }\n", "routes: [ { source: \"*\", to: [nobody] } ]\n");

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;
    private Path included;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
        hub = loaded.hub();
        included = Files.createDirectories(hub.conf().resolveSibling("conf.d")).resolve("side.yaml");
        replace(SIDE.formatted(50, 10));
        assertThat(hub.shell("hub:reload").exitCode()).isZero();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void aHundredReloadsUnderLoadLoseNothingCloseNothingAndLeaveNothingBehind() throws Exception {
        LoadReport sent;
        Census warm = null;
        List<String> archive = List.of();
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            hub.waitUntil("messages flow", () -> load.sent() > RATE || !load.isRunning());
            archive = linesAbout("archive");
            for (int round = 1; round <= RELOADS; round++) {
                boolean isGood = round % 2 == 0;
                replace(isGood ? SIDE.formatted(50 + round % 20, 10 + round % 3) : WRONG.get(round / 2 % WRONG.size()));
                PackagedHub.Outcome reload = hub.shell("hub:reload");
                assertThat(reload.exitCode()).as("reload %d: %s", round, reload.output()).isEqualTo(isGood ? 0 : 78);
                if (round == WARM) {
                    awaitSide();
                    warm = census();
                }
            }
            awaitSide();
            assertThat(linesAbout("archive")).as("nobody touched it").isEqualTo(archive);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).as("no connection was closed").isZero();
        loaded.assertComplete(sent);
        Path side = hub.data().resolve("side");
        hub.waitUntil("the other backend has all, too", () -> hubLines().contains("side") && hubLines().matches("(?s).*lane +side +OK +0 behind.*"),
                this::hubLines);
        VerificationReport found = new Verifier(side).sent(sent.sentByConnection()).verify();
        assertThat(found.isClean()).as("%s", found).isTrue();
        assertNoMoreThan(warm);
    }

    /** What comes and goes, as a connection's thread does, has gone at one of some looks; what leaks has not. */
    private void assertNoMoreThan(Census warm) throws Exception {
        Census end = census();
        for (int look = 1; look < LOOKS && !end.isAtMost(warm); look++) {
            end = census();
        }
        assertThat(end.isAtMost(warm)).as("%s is no more than then, %s", end, warm).isTrue();
    }

    private String hubLines() {
        try {
            return hub.shell("hub:status").output();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitSide() {
        hub.waitUntil("the changed backend works", () -> hubLines().matches("(?s).*lane +side +OK.*"), this::hubLines);
    }

    /** What leaks grow. Loaders that Java makes for its own reflection are no leak and not counted. */
    private record Census(long threads, long loaders, long files) {
        boolean isAtMost(Census then) {
            return threads <= then.threads && loaders <= then.loaders && files <= then.files + 4;
        }
    }

    private Census census() throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        String pid = Long.toString(hub.pid());
        hub.run(List.of(jcmd, pid, "GC.run"));
        long loaders = hub.run(List.of(jcmd, pid, "VM.classloader_stats")).output().lines()
                .filter(line -> line.startsWith("0x") && !line.contains("DelegatingClassLoader") && !line.contains("hidden")).count();
        long threads = hub.run(List.of(jcmd, pid, "Thread.print")).output().lines()
                .filter(line -> line.startsWith("\"hub-") || line.startsWith("\"CM ") || line.startsWith("\"SCR")).count();
        try (Stream<Path> files = Files.list(Path.of("/proc", pid, "fd"))) {
            return new Census(threads, loaders, files.count());
        }
    }

    private List<String> linesAbout(String backend) {
        return hub.logTail(10_000).lines().filter(line -> line.contains("filesystem/" + backend) || line.contains("lane " + backend)).toList();
    }

    private void replace(String yaml) throws IOException {
        Path draft = Files.writeString(folder.resolve("draft"), yaml);
        Files.move(draft, included, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
