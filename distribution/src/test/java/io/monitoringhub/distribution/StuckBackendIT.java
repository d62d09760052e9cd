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
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of two backends never returns from its first write and ignores interrupts. */
class StuckBackendIT {

    private static final int RATE = 30_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int LOOKS = 10;
    private static final String JAR = "backend-stuck.jar";
    private static final String BOTH = """
            transports: { tcp: { port: %d } }
            backends:
              archive: { type: filesystem, path: events }
              stuck: { type: stuck }
            routes:
              - { source: "*", to: [archive, stuck] }
            """;
    private static final Pattern USED = Pattern.compile("used (\\d+)K");
    /** Traces and jobs may fill the 64 MiB that are theirs meanwhile; the backlog, of over 100 MiB, must not be in memory. */
    private static final long ALLOWED_GROWTH_KIB = (64 + 24) << 10;

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder.resolve("hub"));
        hub = loaded.hub();
        hub.drop(stuckBackend(), JAR);
        hub.waitForPlugin(JAR, "active");
        Path draft = Files.writeString(hub.conf().resolveSibling("hub.yaml.new"), BOTH.formatted(loaded.port()));
        Files.move(draft, hub.conf(), StandardCopyOption.ATOMIC_MOVE);
        hub.waitUntil("the stuck lane is there", () -> hub.ask("hub:lanes").contains("stuck "), () -> hub.ask("hub:lanes"));
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void aBackendThatNeverReturnsSlowsNeitherIngestNorTheOtherLaneAndMemoryStaysFlat() throws Exception {
        LoadReport sent;
        try (LoadRun load = loaded.load().acknowledged(true).rate(3L * RATE).messages(0).build().start()) {
            awaitAcked(load, 2L * RATE);
            assertThat(behind("stuck")).as("it sits in its first write").isPositive();
            long before = Math.min(usedHeapKib(), usedHeapKib());
            awaitAcked(load, 15L * RATE);
            awaitAcked(load, 28L * RATE);
            // What comes in between the collection and the look at it is in the figure, too: more of it on a slower machine.
            long after = usedHeapKib();
            for (int look = 1; look < LOOKS && after >= before + ALLOWED_GROWTH_KIB; look++) {
                after = usedHeapKib();
            }
            assertThat(after).as("heap after a full collection; backlog of the stuck lane: %s", hub.ask("hub:lanes"))
                    .isLessThan(before + ALLOWED_GROWTH_KIB);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).isZero();
        loaded.assertComplete(sent);
        assertThat(behind("stuck")).as(hub.ask("hub:lanes")).isEqualTo(sent.sent());
        assertThat(behind("archive")).as(hub.ask("hub:lanes")).isZero();
    }

    @Test
    void aStuckBackendHoldsUpNeitherASwapOfTheOtherNorAStop() throws Exception {
        LoadReport sent;
        Path archive = Files.copy(hub.plugins().resolve("backend-filesystem.jar"), folder.resolve("archive.jar"));
        try (LoadRun load = loaded.load().acknowledged(true).rate(RATE).messages(0).build().start()) {
            awaitAcked(load, RATE);
            hub.drop(LoadedHub.withVersion(archive, "2.0.0", folder.resolve("next.jar")), "backend-filesystem.jar");
            hub.waitForPlugin("backend-filesystem.jar", "2.0.0");
            awaitAcked(load, load.acked() + RATE);
            load.stop();
            sent = load.await();
        }
        loaded.assertComplete(sent);
        assertThat(hub.stop().exitCode()).isZero();
        VerificationReport found = new Verifier(loaded.events()).sent(sent.sentByConnection()).verify();
        assertThat(found.isClean()).as("%s", found).isTrue();
    }

    /** Hangs in write as a thread does that waits for a lock which is never released. */
    private Path stuckBackend() throws IOException {
        return TestBundle.of("backend-stuck", "1.0.0")
                .header("Import-Package", "io.monitoringhub.spi.backend,io.monitoringhub.spi")
                .component("""
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="stuck.StuckBackend"
                            configuration-policy="require" configuration-pid="hub.backend.stuck">
                          <property name="hub.type" type="String" value="stuck"/>
                          <service>
                            <provide interface="io.monitoringhub.spi.backend.Backend"/>
                          </service>
                          <implementation class="stuck.StuckBackend"/>
                        </scr:component>""")
                .source("stuck.StuckBackend", """
                        package stuck;
                        import io.monitoringhub.spi.backend.*;
                        public class StuckBackend implements Backend {
                            public long open(BackendContext context) { return context.committed(); }
                            public WriteResult write(Batch batch) {
                                while (true) {
                                    try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException ignored) { }
                                }
                            }
                            public void close() { }
                        }
                        """)
                .writeTo(folder, hub);
    }

    /** What is alive in the hub's heap, after a full collection. */
    private long usedHeapKib() throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        String pid = Long.toString(hub.pid());
        hub.run(List.of(jcmd, pid, "GC.run"));
        String info = hub.run(List.of(jcmd, pid, "GC.heap_info")).output();
        Matcher used = USED.matcher(info);
        long sum = 0;
        for (String line : info.lines().filter(text -> text.contains("generation") && text.contains("total")).toList()) {
            assertThat(used.reset(line).find()).as(info).isTrue();
            sum += Long.parseLong(used.group(1));
        }
        assertThat(sum).as(info).isPositive();
        return sum;
    }

    private long behind(String lane) {
        return hub.ask("hub:lanes").lines().filter(line -> line.startsWith(lane + " ")).map(line -> line.split(" +"))
                .mapToLong(cells -> Long.parseLong(cells[4])).findFirst().orElse(-1);
    }

    private void awaitAcked(LoadRun load, long count) {
        hub.waitUntil(count + " messages are acknowledged", PATIENCE, () -> load.acked() >= count || !load.isRunning(), () -> load.acked() + " are");
        assertThat(load.isRunning()).as("the clients go on").isTrue();
    }
}
