package io.monitoringhub.distribution.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.distribution.PackagedHub.Outcome;
import io.monitoringhub.distribution.packaging.Containerfile.Instruction;
import io.monitoringhub.testservers.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container file: its rules, and its steps and its start command as they stand there, in a file system that is thrown away instead of an image. */
class ContainerfileIT {

    private static final Path TARBALL = Path.of(System.getProperty("hub.tarball"));

    @TempDir
    private Path folder;
    private Containerfile file;

    @BeforeEach
    void read() throws Exception {
        file = Containerfile.read(Path.of("src/main/deploy/container/Containerfile"));
    }

    @Test
    void keepsTheRulesOfAnImageThatRunsAnywhere() throws Exception {
        assertThat(file.one("ENTRYPOINT").words()).as("no shell between the signal and the hub").containsExactly("/opt/monitoring-hub/bin/hub");
        assertThat(file.one("CMD").words()).containsExactly("run");
        assertThat(file.one("USER").arguments()).as("numbers, which Kubernetes can check, and not root's").matches("[1-9]\\d*:[1-9]\\d*");
        assertThat(file.one("STOPSIGNAL").arguments()).as("what the hub drains at").isEqualTo("SIGTERM");
        assertThat(file.one("HEALTHCHECK").words()).containsExactly("/opt/monitoring-hub/bin/hub", "status");
        assertThat(file.one("VOLUME").arguments()).as("all that the hub writes").isEqualTo(file.environment().get("HUB_DATA"));
        assertThat(file.one("EXPOSE").arguments().split(" ")).containsExactly("17000", "17001");
        assertThat(file.all("FROM")).as("bases with a version").allSatisfy(from -> assertThat(from.arguments()).matches("\\w+:\\d\\S*( AS \\w+)?"));
        assertThat(file.all("RUN")).as("lists of packages do not stay").filteredOn(run -> run.arguments().contains("apt-get install"))
                .isNotEmpty().allSatisfy(run -> assertThat(run.arguments()).contains("--no-install-recommends").endsWith("rm -rf /var/lib/apt/lists/*"));
        assertThat(file.lastStage().get(file.lastStage().size() - 1).name()).isEqualTo("CMD");
        assertThat(file.all("COPY").get(0).arguments()).as("the tarball of this version").startsWith(TARBALL.getFileName() + " ");
    }

    @Test
    void runsByItsStartCommandIsHealthyAndEndsInOrderAtItsStopSignal() throws Exception {
        try (ThrowAwayRoot root = ThrowAwayRoot.open(folder).orElse(null)) {
            assumeTrue(root != null, "a file system to throw away takes root, mounts and overlays");
            build(root);
            Map<String, String> environment = new LinkedHashMap<>(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
            environment.putAll(file.environment());
            environment.put("HUB_TRANSPORTS_TCP_PORT", Integer.toString(ServerProcess.freePort()));
            environment.put("HUB_TRANSPORTS_HTTP_PORT", Integer.toString(ServerProcess.freePort()));
            String user = file.one("USER").arguments();
            List<String> command = new ArrayList<>(file.one("ENTRYPOINT").words());
            command.addAll(file.one("CMD").words());
            Path console = folder.resolve("console");
            Process hub = root.startAs(user, environment, command, console);
            try {
                awaitHealthy(root, user, environment, console);
                assertThat(Files.readAttributes(root.at("/var/lib/monitoring-hub/log"), "unix:uid")).containsEntry("uid", 10001);
                hub.destroy();
                assertThat(hub.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(hub.exitValue()).isZero();
                assertThat(Files.readString(console)).contains("SIGTERM: stopping").contains("stopped");
            } finally {
                hub.destroyForcibly().waitFor();
            }
        }
    }

    /** Both stages in one file system; Java is the machine's, so its installation is left out. */
    private void build(ThrowAwayRoot root) throws Exception {
        Files.copy(TARBALL, root.at("/tmp/" + TARBALL.getFileName()));
        for (Instruction step : file.instructions()) {
            if (step.name().equals("COPY") && !step.arguments().startsWith("--from")) {
                String[] paths = step.arguments().split(" ");
                assertThat(root.run("cp", "/tmp/" + paths[0], paths[1])).isEqualTo(new Outcome(0, ""));
            } else if (step.name().equals("COPY")) {
                String[] paths = step.arguments().split(" ");
                assertThat(paths[1]).as("the same place in both stages").isEqualTo(paths[2]);
            } else if (step.name().equals("RUN") && !step.arguments().contains("apt-get")) {
                Outcome outcome = root.run("/bin/sh", "-c", step.arguments());
                assertThat(outcome.exitCode()).as("RUN %s: %s", step.arguments(), outcome.output()).isZero();
            }
        }
    }

    private void awaitHealthy(ThrowAwayRoot root, String user, Map<String, String> environment, Path console) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        Outcome health = root.runAs(user, environment, file.one("HEALTHCHECK").words());
        while (health.exitCode() != 0) {
            assertThat(health.exitCode()).as("%s, %s", health.output(), Files.readString(console)).isIn(3, 4);
            assertThat(System.nanoTime()).as("not healthy: %s, %s", health.output(), Files.readString(console)).isLessThan(deadline);
            health = root.runAs(user, environment, file.one("HEALTHCHECK").words());
        }
    }
}
