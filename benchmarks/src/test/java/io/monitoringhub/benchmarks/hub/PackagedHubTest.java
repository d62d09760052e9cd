package io.monitoringhub.benchmarks.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.benchmarks.RawSink;
import io.monitoringhub.benchmarks.load.LoadGenerator;
import io.monitoringhub.benchmarks.load.LoadReport;
import io.monitoringhub.benchmarks.verify.FileProgress;
import io.monitoringhub.benchmarks.verify.VerificationReport;
import io.monitoringhub.benchmarks.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a tarball that holds RawSink under the name of the hub. */
@Timeout(300)
class PackagedHubTest {
    /** Understands {@code start} and {@code stop} as the real one does, and fails without HUB_DATA. */
    private static final String SCRIPT = """
            #!/bin/sh
            set -eu
            home=$(cd "$(dirname "$0")/.." && pwd)
            case $1 in
            start)
              mkdir -p "$HUB_DATA/run"
              port=$(sed -n 's/.*port: \\([0-9]*\\).*/\\1/p' "$home/conf/hub.yaml")
              files=$(sed -n 's/.*path: "\\(.*files\\)"/\\1/p' "$home/conf/hub.yaml")
              nohup "@JAVA@" -cp "@CLASSES@" io.monitoringhub.benchmarks.RawSink --port "$port" --files "$files/$$" >"$HUB_DATA/hub.out" 2>&1 &
              echo $! >"$HUB_DATA/run/hub.pid" ;;
            stop) kill "$(cat "$HUB_DATA/run/hub.pid")" ;;
            *) echo "unknown command $1"; exit 64 ;;
            esac
            """;

    @TempDir
    Path work;

    private Path tarball;

    @BeforeEach
    void pack() throws IOException, InterruptedException {
        Path bin = Files.createDirectories(work.resolve("pack/monitoring-hub-0/bin"));
        String classes = Path.of(RawSink.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
        Path hub = Files.writeString(bin.resolve("hub"), SCRIPT.replace("@JAVA@", System.getProperty("java.home") + "/bin/java")
                .replace("@CLASSES@", classes));
        assertThat(hub.toFile().setExecutable(true)).isTrue();
        tarball = work.resolve("hub.tar.gz");
        assertThat(new ProcessBuilder("tar", "-czf", tarball.toString(), "-C", work.resolve("pack").toString(), "monitoring-hub-0").start()
                .waitFor()).isZero();
    }

    @Test
    void aTarballIsUnpackedStartedLoadedKilledAndStartedAgain() throws Exception {
        HubSetup setup = HubSetup.below(work, "sync");
        try (PackagedHub hub = PackagedHub.unpack(tarball, work, setup)) {
            hub.start();
            LoadReport load = LoadGenerator.to(hub.address()).connections(2).messages(2_000).build().run();
            new FileProgress(setup.files()).awaitCount(2_000, Duration.ofSeconds(60));
            assertThat(new Verifier(setup.files()).sent(load.sentByConnection()).verify()).matches(VerificationReport::isClean);
            assertThat(ProcessCost.of(hub.pid()).peakResidentBytes()).isPositive();
            long firstPid = hub.pid();

            hub.kill();
            assertThat(hub.isAlive()).isFalse();

            hub.start();
            assertThat(hub.pid()).isNotEqualTo(firstPid);
            hub.stop();
            assertThat(hub.isAlive()).isFalse();
            hub.stop();
        }
    }

    @Test
    void aCommandThatFailsSaysWhat() throws Exception {
        try (PackagedHub hub = PackagedHub.unpack(tarball, work, HubSetup.below(work, "sync"))) {
            assertThatThrownBy(() -> hub.command("dance")).hasMessageContaining("ended with 64: unknown command dance");
        }
    }

    @Test
    void theConfigurationNamesPortFoldersDurabilityAndPattern() throws IOException {
        HubSetup setup = HubSetup.below(work, "os");
        assertThat(setup.yaml()).contains("port: " + setup.port(), "\"" + work.resolve("files") + "\"", "durability: os").doesNotContain("@")
                .doesNotContain("file: ");
        Path template = Files.writeString(work.resolve("own.yaml"), "p: @PORT@\n@PATTERN@\n");
        assertThat(setup.with(Optional.of("{source}.jsonl"), Optional.of(template)).yaml())
                .isEqualTo("p: " + setup.port() + "\nfile: \"{source}.jsonl\"\n");
    }
}
