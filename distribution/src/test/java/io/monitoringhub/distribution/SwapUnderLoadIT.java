package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.load.LoadRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins' jars are replaced, broken, taken away and put back while 20,000 messages a second flow. */
class SwapUnderLoadIT {

    private static final String BACKEND = "backend-filesystem.jar";
    private static final int RATE = 20_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path folder;
    private LoadedHub loaded;
    private PackagedHub hub;
    private Path original;

    @BeforeEach
    void start() throws Exception {
        loaded = LoadedHub.startIn(folder);
        hub = loaded.hub();
        original = Files.copy(hub.plugins().resolve(BACKEND), folder.resolve("original.jar"));
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void tenReplacementsAndTenSecondsWithoutTheBackendLoseAndDoubleNothing() throws Exception {
        LoadReport sent;
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            awaitSent(load, RATE);
            for (int round = 1; round <= 10; round++) {
                String version = "1." + round + ".0";
                hub.drop(LoadedHub.withVersion(original, version, folder.resolve("next.jar")), BACKEND);
                hub.waitForPlugin(BACKEND, version);
                awaitSent(load, load.sent() + RATE / 4);
            }
            long before = load.sent();
            Files.delete(hub.plugins().resolve(BACKEND));
            hub.waitUntil("the backend is gone", () -> hub.plugin(BACKEND).isEmpty());
            awaitSent(load, before + 10L * RATE);
            assertThat(hub.shell("hub:lanes").output()).contains("WAITING").contains("waiting for a bundle that provides backend type filesystem");
            hub.drop(original, BACKEND);
            hub.waitForPlugin(BACKEND, "active");
            awaitSent(load, load.sent() + RATE);
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).as("the sender noticed nothing").isZero();
        loaded.assertComplete(sent);
    }

    @Test
    void badJarsUnderThePluginsNameNeverStopTheVersionThatRuns() throws Exception {
        LoadReport sent;
        try (LoadRun load = loaded.load().rate(RATE).messages(0).build().start()) {
            awaitSent(load, RATE);
            Path target = hub.plugins().resolve(BACKEND);
            byte[] whole = Files.readAllBytes(original);

            Files.writeString(target, "this is not a jar");
            assertRunningVersionGoesOn(load, "refused, previous version runs: not a whole jar");
            Files.write(target, Arrays.copyOf(whole, whole.length / 2));
            assertRunningVersionGoesOn(load, "refused, previous version runs: not a whole jar");
            hub.drop(TestBundle.of("io.monitoringhub.backend-filesystem", "2.0.0").header("Import-Package", "org.example.nowhere")
                    .writeTo(folder, hub), BACKEND);
            assertRunningVersionGoesOn(load, "nobody provides package org.example.nowhere");

            hub.drop(LoadedHub.withVersion(original, "3.0.0", folder.resolve("good.jar")), BACKEND);
            hub.waitForPlugin(BACKEND, "3.0.0");
            load.stop();
            sent = load.await();
        }
        assertThat(sent.reconnects()).isZero();
        loaded.assertComplete(sent);
    }

    @Test
    void replacingTheTransportLosesNothingThatAnAcknowledgedClientSent() throws Exception {
        LoadReport sent;
        Path transport = Files.copy(hub.plugins().resolve("transport-tcp.jar"), folder.resolve("transport.jar"));
        try (LoadRun load = loaded.load().acknowledged(true).reconnectFor(Duration.ofSeconds(60)).rate(RATE).messages(0).build()
                .start()) {
            awaitSent(load, RATE);
            for (int round = 1; round <= 5; round++) {
                String version = "1." + round + ".0";
                hub.drop(LoadedHub.withVersion(transport, version, folder.resolve("next.jar")), "transport-tcp.jar");
                hub.waitForPlugin("transport-tcp.jar", version);
                awaitSent(load, load.sent() + RATE / 2);
            }
            load.stop();
            sent = load.await();
        }
        assertThat(sent.acked()).isEqualTo(sent.sent());
        assertThat(sent.reconnects()).isPositive();
        loaded.assertComplete(sent);
    }

    private void assertRunningVersionGoesOn(LoadRun load, String reason) throws Exception {
        hub.waitForPlugin(BACKEND, reason);
        long sent = load.sent();
        loaded.awaitLines(sent);
        assertThat(hub.shell("hub:status").output()).containsPattern("lane +archive +OK");
    }

    private void awaitSent(LoadRun load, long count) {
        BooleanSupplier enough = () -> load.sent() >= count || !load.isRunning();
        hub.waitUntil(count + " messages are sent", PATIENCE, enough, () -> load.sent() + " are sent");
        assertThat(load.isRunning()).as("the sender goes on").isTrue();
    }
}
