package io.monitoringhub.distribution.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.distribution.EventFiles;
import io.monitoringhub.distribution.PackagedHub.Outcome;
import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Debian package and the unit in it, on this machine's Debian, in a file system that is thrown away. There is no systemd in it: the commands of the
 * unit are run by hand, as its user and with its environment.
 */
class DebPackageIT {

    private static final String UNIT = "/usr/lib/systemd/system/monitoring-hub.service";
    private static final String DATA = "/var/lib/monitoring-hub";
    private static final String YAML = "/etc/monitoring-hub/hub.yaml";

    @TempDir
    private Path folder;
    private ThrowAwayRoot root;
    private Process hub;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg")), "the machine has no dpkg");
        root = ThrowAwayRoot.open(folder).orElse(null);
        assumeTrue(root != null, "a file system to throw away takes root, mounts and overlays");
        Files.copy(Path.of(System.getProperty("hub.deb")), root.at("/tmp/hub.deb"), StandardCopyOption.REPLACE_EXISTING);
    }

    @AfterEach
    void close() throws Exception {
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
        if (root != null) {
            root.close();
        }
    }

    @Test
    void isInstalledRunsAsItsUnitSaysIsUpgradedAndLeavesNothingButItsUser() throws Exception {
        install();
        assertThat(rights(DATA)).isEqualTo("monitoring-hub:monitoring-hub rwxr-x---");
        assertThat(rights(YAML)).isEqualTo("root:monitoring-hub rw-r-----");
        assertThat(rights("/etc/default/monitoring-hub")).isEqualTo("root:root rw-r-----");
        assertThat(root.run("su", "-s", "/bin/sh", "nobody", "-c", "test -w /usr/lib/monitoring-hub/plugins").exitCode()).isNotZero();
        systemdFindsNothingWrong();

        UnitFile unit = UnitFile.read(root.at(UNIT));
        Map<String, String> environment = serviceEnvironment(unit);
        Outcome check = root.runAs(unit.one("Service.User"), environment, unit.command("Service.ExecStartPre", 0));
        assertThat(check.exitCode()).as("ExecStartPre: %s", check.output()).isZero();
        start(unit, environment);
        sendAsNobody("installed");
        awaitEvents("installed");
        Outcome status = root.run("monitoring-hub", "status");
        assertThat(status.exitCode()).as("the command, as root: %s", status.output()).isZero();
        assertThat(status.output()).startsWith("ready (pid " + hub.pid() + ")");

        reloads(unit, environment);
        completes("sta", "start status");
        completes("config s", "show schema");

        String edited = Files.readString(root.at(YAML)) + "# edited here\n";
        Files.writeString(root.at(YAML), edited);
        install();
        assertThat(hub.waitFor(60, TimeUnit.SECONDS)).as("the hub ends before its jars are replaced").isTrue();
        assertThat(hub.exitValue()).isZero();
        assertThat(Files.readString(root.at(YAML))).isEqualTo(edited);
        assertThat(rights(YAML)).isEqualTo("root:monitoring-hub rw-r-----");
        start(unit, environment);
        sendAsNobody("upgraded");
        awaitEvents("installed", "upgraded");

        assertThat(root.additions()).contains("/usr/bin/monitoring-hub", YAML, DATA + "/events", "/etc/systemd/system/multi-user.target.wants/monitoring-hub.service");
        assertThat(root.runAs("nobody:nogroup", environment, List.of("monitoring-hub", "status"))).isEqualTo(
                new Outcome(69, "monitoring-hub: " + DATA + " is closed to nobody: run it as root\n"));
        Outcome purge = root.run("dpkg", "--purge", "monitoring-hub");
        assertThat(purge.exitCode()).as(purge.output()).isZero();
        assertThat(hub.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(root.run("getent", "passwd", "monitoring-hub").exitCode()).as("the user stays").isZero();
        assertThat(root.additions()).as("what a purge leaves").noneMatch(name -> name.contains("monitoring-hub"))
                .allMatch(name -> name.matches("/(var/lib/dpkg|var/lib/systemd|var/log|var/cache|var/backups)/.*|/etc/\\.?(passwd|group|shadow|gshadow|subuid|subgid|pwd).*"));
    }

    private void install() throws Exception {
        boolean java = root.run("sh", "-c", "dpkg-query -W -f '${db:Status-Status} ${Provides}\\n' | grep -q '^installed .*java17-runtime-headless'").exitCode() == 0;
        // A Java that no package brought along can't satisfy a package.
        Outcome outcome = java ? root.run("dpkg", "--force-confold", "-i", "/tmp/hub.deb") : root.run("dpkg", "--force-depends", "--force-confold", "-i", "/tmp/hub.deb");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        assertThat(outcome.output()).doesNotContain("error").doesNotContain("not found");
    }

    private void completes(String begun, String expected) throws Exception {
        Outcome words = root.run("bash", "-c", "source /usr/share/bash-completion/completions/monitoring-hub; COMP_WORDS=(monitoring-hub " + begun
                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _monitoring_hub; echo \"${COMPREPLY[@]}\"");
        assertThat(words.output().strip()).as("completion of '%s'", begun).isEqualTo(expected);
    }

    private String rights(String path) throws IOException, InterruptedException {
        String owners = root.run("stat", "-c", "%U:%G", path).output().strip();
        return owners + " " + PosixFilePermissions.toString(Files.readAttributes(root.at(path), PosixFileAttributes.class).permissions());
    }

    /** Where its tools are there: a unit with an unknown key or a missing program is a finding, and so is one that is protected badly. */
    private void systemdFindsNothingWrong() throws Exception {
        if (root.run("sh", "-c", "command -v systemd-analyze").exitCode() != 0) {
            return;
        }
        verify("the unit");
        Path dropIn = root.at("/etc/systemd/system/monitoring-hub.service.d/override.conf");
        Files.createDirectories(dropIn.getParent());
        Files.writeString(dropIn, Files.readString(Path.of("../docs/packaging.md")).replaceAll("(?s).*```ini\n(.*?)```.*", "$1"));
        assertThat(dropIn).content().startsWith("[Service]");
        verify("the unit with the drop-in of docs/packaging.md");
        Files.delete(dropIn);
        Files.delete(dropIn.getParent());
        Outcome security = root.run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", UNIT);
        assertThat(security.exitCode()).as(security.output()).isZero();
    }

    private void verify(String what) throws Exception {
        Outcome verify = root.run("systemd-analyze", "verify", "--man=no", UNIT);
        assertThat(verify.output().lines().filter(line -> line.contains("monitoring-hub"))).as("systemd-analyze verify: %s", what).isEmpty();
        assertThat(verify.exitCode()).as(verify.output()).isZero();
    }

    /** What systemd would hand over: the unit's, then the file's, which also moves the ports out of other tests' way. */
    private Map<String, String> serviceEnvironment(UnitFile unit) throws IOException {
        Map<String, String> environment = new LinkedHashMap<>(Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        environment.putAll(unit.environment());
        Path file = root.at(unit.one("Service.EnvironmentFile").substring(1));
        Files.writeString(file, "HUB_TRANSPORTS_TCP_PORT=%d\nHUB_TRANSPORTS_HTTP_PORT=%d\n".formatted(ServerProcess.freePort(), ServerProcess.freePort()),
                StandardOpenOption.APPEND);
        Files.readAllLines(file).stream().filter(line -> line.matches("\\w+=.*")).forEach(line -> UnitFile.put(environment, line));
        return environment;
    }

    private void start(UnitFile unit, Map<String, String> environment) throws Exception {
        String user = unit.one("Service.User");
        Outcome runtime = root.run("install", "-d", "-o", user, "-g", unit.one("Service.Group"), "-m", unit.one("Service.RuntimeDirectoryMode"),
                "/run/" + unit.one("Service.RuntimeDirectory"));
        assertThat(runtime.exitCode()).as(runtime.output()).isZero();
        Path console = folder.resolve("console");
        hub = root.startAs(user, environment, unit.command("Service.ExecStart", 0), console);
        Outcome ready = root.runAs(user, environment, unit.command("Service.ExecStartPost", hub.pid()));
        assertThat(ready.exitCode()).as("ExecStartPost: %s%s", ready.output(), Files.readString(console)).isZero();
        assertThat(ready.output()).startsWith("ready ").contains("tcp=127.0.0.1:" + environment.get("HUB_TRANSPORTS_TCP_PORT"))
                .contains("unix=/run/monitoring-hub/ingest.sock");
        assertThat(Files.readString(Path.of("/proc/" + hub.pid() + "/cmdline"))).as("the main process is Java itself").contains("java").contains("launcher.Main");
    }

    private void sendAsNobody(String source) throws Exception {
        Outcome sent = root.runAs("nobody:nogroup", Map.of("PATH", "/usr/bin:/bin"), List.of("perl", "-MIO::Socket::UNIX", "-e", """
                my $hub = IO::Socket::UNIX->new(Peer => "/run/monitoring-hub/ingest.sock") or die "cannot connect: $!";
                print {$hub} qq({"v":1,"src":"%s","ts":1697821234567,"type":"heartbeat"}\\n); close $hub or die $!;
                """.formatted(source)));
        assertThat(sent.exitCode()).as(sent.output()).isZero();
    }

    private void awaitEvents(String... sources) throws Exception {
        Path events = root.at(DATA + "/events");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        List<String> expected = List.of(sources).stream().map("{\"v\":1,\"src\":\"%s\",\"ts\":1697821234567,\"type\":\"heartbeat\"}"::formatted).toList();
        while (!EventFiles.lines(events).containsAll(expected)) {
            assertThat(System.nanoTime()).as("delivered: %s; log: %s", EventFiles.lines(events), Files.readString(root.at(DATA + "/logs/hub.log"))).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(EventFiles.lines(events)).containsExactlyInAnyOrderElementsOf(expected);
    }

    private void reloads(UnitFile unit, Map<String, String> environment) throws Exception {
        String yaml = Files.readString(root.at(YAML));
        List<String> reload = unit.command("Service.ExecReload", hub.pid());
        Files.writeString(root.at(YAML), yaml.replace("transports:", "transprots:"));
        Outcome wrong = root.runAs(unit.one("Service.User"), environment, reload);
        assertThat(wrong.exitCode()).as("reload of a wrong configuration: %s", wrong.output()).isEqualTo(78);
        assertThat(wrong.output()).contains("transprots");
        Files.writeString(root.at(YAML), yaml);
        Outcome right = root.runAs(unit.one("Service.User"), environment, reload);
        assertThat(right.exitCode()).as(right.output()).isZero();
        assertThat(hub.isAlive()).isTrue();
    }
}
