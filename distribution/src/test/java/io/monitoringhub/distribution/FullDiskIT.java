package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backend is away for so long that the log can take no more. */
class FullDiskIT {

    private static final String BACKEND = "backend-filesystem.jar";
    private static final int RATE = 50_000;
    private static final Duration A_WHILE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern DROPPED = Pattern.compile("([\\d,]+) DROPPED undelivered");

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;
    private Path jar;

    @AfterEach
    void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void aFullDiskHoldsClientsBackAndTheHubGoesOnByItselfWhenThereIsRoom() throws Exception {
        Optional<SmallDisk> mounted = SmallDisk.mountAt(folder.resolve("disk"), 48);
        if (mounted.isEmpty()) {
            System.out.println("SKIPPED FullDiskIT: cannot mount a small tmpfs; run it as root");
        }
        assumeTrue(mounted.isPresent(), "cannot mount a small tmpfs; run it as root");
        try (SmallDisk disk = mounted.get()) {
            Path filler = disk.fill(16);
            startWithDeadBackend("log: { path: %s, segment_size: 4MB, max_size: 10GB }".formatted(disk.folder().resolve("log")));
            LoadReport sent;
            try (LoadRun load = clients()) {
                awaitHeldBack(load, "is full but for what cursors need");
                hub.kill();
                hub.start();
                awaitHeldBack(load, "is full but for what cursors need");
                long before = load.acked();

                Files.delete(filler);
                hub.waitUntil("it goes on by itself", () -> load.acked() > before + RATE / 5, this::status);
                awaitHeldBack(load, "is full but for what cursors need");

                hub.drop(jar, BACKEND);
                awaitAcked(load, load.acked() + 10L * RATE);
                hub.waitUntil("the log takes entries again", () -> !status().contains("is full"), this::status);
                load.stop();
                sent = load.await();
            }
            assertThat(sent.acked()).isEqualTo(sent.sent());
            loaded.assertComplete(sent);
            hub.close();
        }
    }

    @Test
    void aLogThatHasUsedUpItsBudgetHoldsClientsBackUntilTheLaneGoesOn() throws Exception {
        startWithDeadBackend("log: { segment_size: 4MB, max_size: 16MB, on_full: block }");
        LoadReport sent;
        try (LoadRun load = clients()) {
            awaitHeldBack(load, "disk budget of 16777216 bytes is used up");
            assertThat(status()).contains("cursor archive still needs entries from 0 on");
            hub.kill();
            hub.start();
            awaitHeldBack(load, "disk budget of 16777216 bytes is used up");
            hub.drop(jar, BACKEND);
            awaitAcked(load, load.acked() + 5L * RATE);
            hub.waitUntil("the log takes entries again", () -> !status().contains("budget"), this::status);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.acked()).isEqualTo(sent.sent());
        loaded.assertComplete(sent);
    }

    @Test
    void whatDropOldestRemovesIsCountedAndTheRestIsDeliveredOnceAndInOrder() throws Exception {
        startWithDeadBackend("log: { segment_size: 4MB, max_size: 16MB, on_full: drop_oldest }");
        LoadReport sent;
        try (LoadRun load = clients()) {
            awaitAcked(load, 5L * RATE);
            load.stop();
            sent = load.await();
        }
        hub.drop(jar, BACKEND);
        Matcher count = DROPPED.matcher(status());
        assertThat(count.find()).as(status()).isTrue();
        long dropped = Long.parseLong(count.group(1).replace(",", ""));
        assertThat(dropped).isPositive();
        loaded.awaitLines(sent.sent() - dropped);
        VerificationReport found = new Verifier(loaded.events()).sent(sent.sentByConnection()).verify();
        assertThat(found.missing()).as("%s", found).isEqualTo(dropped);
        assertThat(found.isSound()).as("%s", found).isTrue();
        assertThat(hub.logTail(200)).contains("were removed before they were delivered");
    }

    /** Starts, so that the lane has its place in the log, and takes the backend away. */
    private void startWithDeadBackend(String log) throws Exception {
        loaded = LoadedHub.startIn(folder.resolve("hub"), log);
        hub = loaded.hub();
        jar = Files.move(hub.plugins().resolve(BACKEND), folder.resolve(BACKEND));
        hub.waitUntil("the backend is gone", () -> hub.plugin(BACKEND).isEmpty());
    }

    private LoadRun clients() throws IOException {
        return loaded.load().acknowledged(true).reconnectFor(Duration.ofSeconds(60)).rate(RATE).messages(0).build().start();
    }

    /** The hub says why it takes no more; what clients know as acknowledged stands still, and they know that it does. */
    private void awaitHeldBack(LoadRun load, String reason) {
        hub.waitUntil("status says: " + reason, () -> status().contains(reason), this::status);
        // What still fitted in before the first refusal may be acknowledged, to one connection after the other; then nothing more.
        AtomicLong acked = new AtomicLong(-1);
        AtomicLong since = new AtomicLong();
        hub.waitUntil("nothing is acknowledged for a while", () -> {
            if (acked.getAndSet(load.acked()) != acked.get()) {
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > A_WHILE.toNanos();
        }, this::status);
        assertThat(load.isRunning()).isTrue();
    }

    private void awaitAcked(LoadRun load, long count) {
        hub.waitUntil(count + " messages are acknowledged", PATIENCE, () -> load.acked() >= count || !load.isRunning(), () -> load.acked() + " are");
        assertThat(load.isRunning()).as("the clients go on").isTrue();
    }

    private String status() {
        return hub.ask("hub:status");
    }
}
