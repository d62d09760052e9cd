package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed under load and started again. */
class CrashIT {

    private static final int RATE = 20_000;
    private static final int ROUNDS = 4;
    private static final long SEED = 20261122;

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

    /** Plain connections: what the kernels still held may be missing, what the log has is in the files exactly once. */
    @Test
    void whatHadReachedTheLogIsInTheFilesOnceAfterKill9() throws Exception {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            LoadReport sent;
            try (LoadRun load = loaded.load().firstConnection(round * 10 + 1).rate(RATE).messages(0).build().start()) {
                long until = RATE / 2 + random.nextInt(RATE);
                hub.waitUntil("messages are sent", () -> load.sent() >= until);
                hub.kill();
                load.abort();
                sent = load.await();
            }
            hub.start();
            long stored = logEnd();
            loaded.awaitLines(stored);
            VerificationReport found = new Verifier(loaded.events()).verify();
            assertThat(found.lines()).as("round %d: entries in the log and lines in the files", round).isEqualTo(stored);
            assertThat(found.isSound()).as("round %d, %d sent: %s%n%s", round, sent.sent(), found, hub.logTail(40)).isTrue();
        }
    }

    /** One acknowledged run through several kills: everything is there, once, in order, whatever the client had to send again. */
    @Test
    void whatAnAcknowledgedClientSendsIsInTheFilesOnceAndInOrderAfterKill9() throws Exception {
        Random random = new Random(SEED + 1);
        LoadReport sent;
        try (LoadRun load = loaded.load().acknowledged(true).reconnectFor(Duration.ofSeconds(60)).rate(RATE).messages(0).build().start()) {
            for (int round = 0; round < ROUNDS; round++) {
                long until = load.acked() + RATE / 2 + random.nextInt(RATE);
                hub.waitUntil("messages are acknowledged", () -> load.acked() >= until);
                hub.kill();
                hub.start();
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.acked()).isEqualTo(sent.sent());
        loaded.assertComplete(sent);
    }

    @Test
    void aStopUnderLoadDeliversWhatWasReceivedAndExitsWith0() throws Exception {
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            hub.waitUntil("messages are sent", () -> load.sent() >= RATE);
            assertThat(hub.stop().exitCode()).isZero();
            load.abort();
        }
        VerificationReport found = new Verifier(loaded.events()).verify();
        assertThat(found.isSound()).as("%s", found).isTrue();
        assertThat(hub.logTail(30)).contains("nothing is left to deliver");
        hub.start();
        assertThat(logEnd()).isEqualTo(found.lines());
        assertThat(new Verifier(loaded.events()).verify().lines()).isEqualTo(found.lines());
    }

    private long logEnd() throws Exception {
        String status = hub.shell("hub:status").output();
        return Long.parseLong(status.replaceAll("(?s).*entries [\\d,]+ to ([\\d,]+),.*", "$1").replace(",", ""));
    }
}
