package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that starts interrupts no application: its scheduling policy is {@code SCHED_BATCH} until it has started. */
class StartPolicyIT {

    /** From /usr/include/linux/sched.h. */
    private static final String SCHED_OTHER = "0";
    private static final String SCHED_BATCH = "3";

    @TempDir
    private Path folder;
    private PackagedHub hub;

    @BeforeEach
    void unpack() throws Exception {
        hub = PackagedHub.unpackInto(folder).configure(TestConfiguration.onFreePorts());
    }

    @AfterEach
    void end() throws Exception {
        hub.close();
    }

    @Test
    void isBatchWhenJavaBegins() throws Exception {
        Path told = javaThatTells("echo $$ >&3");
        assertThat(hub.hub("start").output()).startsWith("ready");
        assertThat(Files.readString(told)).startsWith("batch ").satisfies(line -> assertThat(policy(line)).isEqualTo(SCHED_BATCH));
    }

    @Test
    void isBatchWhenACheckBegins() throws Exception {
        Path told = javaThatTells("exit 0");
        assertThat(hub.with("HUB_START_POLICY", "batch").hub("check").exitCode()).isZero();
        assertThat(Files.readString(told)).as("it has nothing to give back, as it ends").startsWith(" ")
                .satisfies(line -> assertThat(policy(line)).isEqualTo(SCHED_BATCH));
    }

    /** In place of Java a script that writes down how it was started. */
    private Path javaThatTells(String andThen) throws IOException {
        Path told = folder.resolve("told");
        Path java = folder.resolve("jdk");
        Files.createDirectories(java.resolve("bin"));
        Files.writeString(java.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.writeString(java.resolve("bin/java"), """
                #!/bin/sh
                read -r stat </proc/self/stat
                echo "${HUB_START_POLICY:-} $stat" >'%s'
                %s
                """.formatted(told, andThen));
        Files.setPosixFilePermissions(java.resolve("bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));
        hub.with("JAVA_HOME", java.toString());
        return told;
    }

    @Test
    void noThreadIsAfterTheStart() throws Exception {
        hub.start();
        assertThat(variables()).contains("HUB_START_POLICY=batch");
        hub.waitUntil("no thread is batch", () -> policies().equals(Set.of(SCHED_OTHER)));
    }

    @Test
    void staysWhatTheOperatorHasChosen() throws Exception {
        assertThat(hub.run(List.of("chrt", "--batch", "0", hub.home().resolve("bin/hub").toString(), "start")).exitCode()).isZero();
        assertThat(variables()).as("the hub has nothing to give back").doesNotContain("HUB_START_POLICY");
        assertThat(policies()).containsExactly(SCHED_BATCH);
    }

    private String variables() throws IOException {
        return Files.readString(Path.of("/proc/" + hub.pid() + "/environ"));
    }

    /** Those of the hub's threads. */
    private Set<String> policies() {
        Set<String> all = new HashSet<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + hub.pid() + "/task"))) {
            for (Path thread : threads) {
                try {
                    all.add(policy(Files.readString(thread.resolve("stat"))));
                } catch (IOException ended) { // between the listing and the look
                    continue;
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return all;
    }

    /** The 41st field, proc(5). */
    private static String policy(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[38];
    }
}
