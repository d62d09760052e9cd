package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting and ending the real tarball, in the ways that users and machines do it. */
class LifecycleIT {

    @TempDir
    private Path folder;
    private PackagedHub hub;

    @BeforeEach
    void unpack() throws Exception {
        hub = PackagedHub.unpackInto(folder.resolve("with spaces")).configure(TestConfiguration.onFreePorts());
    }

    @AfterEach
    void end() throws Exception {
        hub.close();
    }

    @Test
    void startsTellsItsStatusAndStops() throws Exception {
        assertThat(hub.hub("status").exitCode()).isEqualTo(3);
        hub.start();
        assertThat(hub.hub("status")).satisfies(status -> {
            assertThat(status.exitCode()).isZero();
            assertThat(status.output()).startsWith("ready (pid ");
        });
        assertThat(hub.stop().exitCode()).isZero();
        assertThat(hub.hub("status").exitCode()).isEqualTo(3);
        assertThat(hub.stop().exitCode()).as("stopping what does not run").isZero();
        assertThat(hub.data().resolve("run/ready")).doesNotExist();
        assertThat(hub.data().resolve("run/hub.sock")).doesNotExist();
    }

    @Test
    void worksWhereNumbersAreWrittenInOtherDigits() throws Exception {
        hub.with("HUB_JAVA_OPTS", "-Duser.language=ar -Duser.country=EG").start();
        assertThat(hub.hub("shell", "hub:status").output()).matches("(?s).*[0-9].*").doesNotContainPattern("[\\u0660-\\u0669]");
        try (Stream<Path> segments = Files.list(hub.data().resolve("log"))) {
            assertThat(segments.map(file -> file.getFileName().toString())).anyMatch(name -> name.matches("[0-9]{20}\\.seg"));
        }
        assertThat(hub.stop().exitCode()).isZero();
        hub.start();
    }

    @Test
    void namesFilesInAnyLanguageWithoutALocale() throws Exception {
        hub.configure("transports: { tcp: { port: %d } }\nbackends: { archive: { type: filesystem, path: événements } }\n".formatted(TestConfiguration.freePort()));
        hub.with("LC_ALL", "C").start();
        try (Stream<Path> data = Files.list(hub.data())) {
            // This test may run without a locale itself.
            assertThat(data.map(file -> file.toUri().toString())).anyMatch(name -> name.endsWith("/%C3%A9v%C3%A9nements/"));
        }
    }

    @Test
    void answersShellCommandsWithTheirExitStatus() throws Exception {
        hub.start();
        assertThat(hub.hub("shell", "lb")).satisfies(lb -> {
            assertThat(lb.exitCode()).isZero();
            assertThat(lb.output()).contains("Monitoring Hub :: runtime");
        });
        assertThat(hub.hub("shell", "scr:list").output()).contains("io.monitoringhub.runtime.shell.ShellServer");
        assertThat(hub.hub("shell", "no-such-command")).isEqualTo(
                new PackagedHub.Outcome(1, "Command not found: no-such-command\n"));
        assertThat(hub.shell("lb | grep SPI").output()).contains("Monitoring Hub :: SPI");
        assertThat(hub.shell("headers 1").output()).contains("Bundle-SymbolicName");
        assertThat(hub.shell("echo grün ☃").output()).isEqualTo("grün ☃\n");
        hub.stop();
        assertThat(hub.hub("shell", "lb").exitCode()).isEqualTo(69);
    }

    @Test
    void runEndsWithZeroOnSigterm() throws Exception {
        Process run = hub.process(List.of(hub.home().resolve("bin/hub").toString(), "run"))
                .redirectErrorStream(true).redirectOutput(folder.resolve("console").toFile()).start();
        hub.waitUntil("ready", () -> Files.exists(hub.data().resolve("run/ready")));
        assertThat(hub.pid()).as("bin/hub becomes the hub: signals need no forwarding").isEqualTo(run.pid());
        run.destroy();
        assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isZero();
        assertThat(Files.readString(folder.resolve("console"))).contains("started in").contains("stopped");
    }

    @Test
    void endsWithZeroWhenTheShellStopsTheFramework() throws Exception {
        Process run = hub.process(List.of(hub.home().resolve("bin/hub").toString(), "run"))
                .redirectErrorStream(true).redirectOutput(folder.resolve("console").toFile()).start();
        hub.waitUntil("ready", () -> Files.exists(hub.data().resolve("run/ready")));
        try {
            hub.shell("stop 0");
        } catch (IOException hungUp) {
            // The shell may be gone before it has answered.
        }
        assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isZero();
    }

    @Test
    void losesPatienceWithAStartAndLetsItGoOn() throws Exception {
        PackagedHub.Outcome outcome = hub.with("HUB_START_TIMEOUT", "0.05").hub("start");
        assertThat(outcome.exitCode()).isEqualTo(69);
        assertThat(outcome.output()).contains("is not ready after 0.05 s; it goes on starting");
        hub.waitUntil("ready", () -> Files.exists(hub.data().resolve("run/ready")));
        assertThat(hub.hub("status").exitCode()).isZero();
    }

    @Test
    void saysWhichPatienceItDoesNotUnderstand() throws Exception {
        for (String patience : List.of("abc", "0", "1m", "-1")) {
            PackagedHub.Outcome outcome = hub.with("HUB_START_TIMEOUT", patience).hub("start");
            assertThat(outcome.exitCode()).as(patience).isEqualTo(78);
            assertThat(outcome.output()).contains("HUB_START_TIMEOUT=" + patience + ": expected ", "seconds, such as 60");
        }
        assertThat(hub.data().resolve("run")).as("nothing was started").doesNotExist();
    }

    @Test
    void judgesPluginsThatItFindsThroughALink() throws Exception {
        Files.writeString(hub.plugins().resolve("broken.jar"), "no jar");
        Files.createDirectory(hub.plugins().resolve("folder.jar"));
        hub.with("HUB_HOME", Files.createSymbolicLink(folder.resolve("linked"), hub.home()).toString()).start();
        hub.waitUntil("the broken one is refused", () -> hub.plugin("broken.jar").contains("not a whole jar"));
        hub.waitUntil("the others run", () -> hub.plugin("backend-filesystem.jar").endsWith("active"));
        assertThat(hub.plugin("folder.jar")).isEmpty();
    }

    @Test
    void refusesASecondStartAndNamesTheFirst() throws Exception {
        hub.start();
        long pid = hub.pid();
        PackagedHub.Outcome second = hub.hub("start");
        assertThat(second.exitCode()).isEqualTo(69);
        assertThat(second.output()).contains("already runs").contains("pid " + pid);
        assertThat(hub.hub("status").exitCode()).as("the first is not disturbed").isZero();
        assertThat(hub.shell("lb").exitCode()).isZero();
    }

    @Test
    void startsCleanlyAfterKill() throws Exception {
        hub.start();
        hub.kill();
        assertThat(hub.hub("status").exitCode()).isEqualTo(3);
        hub.start();
        hub.waitForShell("hub:check", check -> check.exitCode() == 0);
        assertThat(hub.stop().exitCode()).isZero();
    }

    @Test
    void writesNothingIntoItsHome() throws Exception {
        Path conf = Files.copy(hub.conf(), folder.resolve("elsewhere.yaml"));
        List<String> before = tree(hub.home());
        setWritable(hub.home(), false);
        try {
            hub.with("HUB_DATA", folder.resolve("data elsewhere").toString()).with("HUB_CONF", conf.toString()).start();
            assertThat(hub.hub("plugins").exitCode()).isZero();
            assertThat(hub.stop().exitCode()).isZero();
        } finally {
            setWritable(hub.home(), true);
        }
        assertThat(tree(hub.home())).isEqualTo(before);
        assertThat(folder.resolve("data elsewhere/logs/hub.log")).isNotEmptyFile();
    }

    @Test
    void isFoundThroughALinkAndFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("hub"), Path.of("with spaces").resolve(
                hub.home().getFileName()).resolve("bin/hub"));
        Path second = Files.createSymbolicLink(folder.resolve("again"), link);
        assertThat(hub.run(List.of(second.toString(), "start")).exitCode()).isZero();
        assertThat(hub.hub("status").exitCode()).isZero();
    }

    @Test
    void reachesTheShellWhenThePathIsTooLongForASocket() throws Exception {
        Path data = folder.resolve("d".repeat(60)).resolve("e".repeat(60));
        hub.with("HUB_DATA", data.toString()).start();
        assertThat(hub.hub("shell", "lb").exitCode()).isZero();
        Path socket = Path.of(Files.readString(data.resolve("run/hub.sock.path")).strip());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent()))).isEqualTo("rwx------");
        hub.stop();
        assertThat(socket.getParent()).doesNotExist();
    }

    @Test
    void refusesOtherUsers() throws Exception {
        List<String> asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        assumeTrue(succeeds(asNobody), "setpriv to another user works only as root");
        hub.start();
        open(folder, "rwxr-xr-x");
        open(folder.resolve("with spaces"), "rwxr-xr-x");
        List<String> command = Stream.concat(asNobody.stream(), Stream.of(hub.home().resolve("bin/hub").toString(), "shell", "lb"))
                .toList();
        assertThat(hub.run(command).exitCode()).as("the folder keeps them out").isEqualTo(69);

        open(hub.data().resolve("run"), "rwxr-xr-x");
        open(hub.data().resolve("run/hub.sock"), "rw-rw-rw-");
        PackagedHub.Outcome outcome = hub.run(command);
        assertThat(outcome.exitCode()).as("the kernel tells who it is: %s", outcome.output()).isEqualTo(69);
        hub.waitUntil("that is in the log", () -> hub.logTail(50).contains("shell connection of user nobody refused"));
    }

    @Test
    void saysWhatIsWrongWithTheConfigurationOrTheInstallation() throws Exception {
        hub.with("HUB_CONF", folder.resolve("no.yaml").toString());
        assertThat(hub.hub("start")).satisfies(start -> {
            assertThat(start.exitCode()).isEqualTo(78);
            assertThat(start.output()).contains("cannot read the configuration").contains("no.yaml");
        });
        hub.with("JAVA_HOME", folder.resolve("no-java").toString());
        assertThat(hub.hub("start").exitCode()).isEqualTo(69);
        assertThat(hub.hub("start").output()).contains("has no bin/java");
    }

    @Test
    void refusesAnOldJavaInWords() throws Exception {
        Path old = folder.resolve("jdk8");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"1.8.0_442\"\n");
        Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 1\n");
        open(old.resolve("bin/java"), "rwxr-xr-x");
        PackagedHub.Outcome outcome = hub.with("JAVA_HOME", old.toString()).hub("start");
        assertThat(outcome.exitCode()).isEqualTo(69);
        assertThat(outcome.output()).contains("Java 17 or newer is needed").contains("is 8");
    }

    @Test
    void checksItself() throws Exception {
        assertThat(hub.hub("check")).satisfies(check -> {
            assertThat(check.output()).contains("all well");
            assertThat(check.exitCode()).isZero();
        });
        long made = archiveMadeAt();
        assertThat(hub.hub("check").exitCode()).isZero();
        assertThat(archiveMadeAt()).as("there is no need to make it again").isEqualTo(made);
        assertThat(hub.with("HUB_JAVA_OPTS", "-Xmx300m").hub("check").exitCode()).isZero();
        assertThat(archiveMadeAt()).as("Java may not take one that was made with other options").isGreaterThan(made);
        assertThat(archivedClasses()).as("what a start needs and a check does not").contains("io/netty/channel/nio/NioIoHandler",
                "org/eclipse/jetty/server/ServerConnector", "io/monitoringhub/log/segmented/SegmentedLog");
        Files.writeString(hub.plugins().resolve("bad.jar"), "no jar");
        assertThat(hub.hub("check")).satisfies(check -> {
            assertThat(check.exitCode()).isEqualTo(3);
            assertThat(check.output()).contains("plugin bad.jar refused");
        });
    }

    /** The archive has names of classes as they are. */
    private String archivedClasses() throws IOException {
        return Files.readString(archive(), StandardCharsets.ISO_8859_1);
    }

    private long archiveMadeAt() throws IOException {
        return Files.getLastModifiedTime(archive()).toMillis();
    }

    private Path archive() throws IOException {
        try (Stream<Path> archives = Files.list(hub.data().resolve("run")).filter(file -> file.toString().endsWith(".jsa"))) {
            return archives.findFirst().orElseThrow();
        }
    }

    @Test
    void looksIntoALogOffline() throws Exception {
        assertThat(hub.hub("log", "verify")).satisfies(verify -> {
            assertThat(verify.exitCode()).as(verify.output()).isEqualTo(69);
            assertThat(verify.output()).contains(hub.data().resolve("log").toString());
        });
        Files.createDirectories(folder.resolve("an empty log"));
        assertThat(hub.hub("log", "verify", folder.resolve("an empty log").toString()).exitCode()).isNotEqualTo(64);
        assertThat(hub.hub("log").exitCode()).isEqualTo(64);
    }

    @Test
    void startsWithTheArchiveThatCheckMakesAndWithoutOneThatDoesNotFit() throws Exception {
        assertThat(hub.hub("check").exitCode()).isZero();
        List<String> archives = tree(hub.data().resolve("run")).stream().filter(name -> name.startsWith("classes-")).toList();
        assertThat(archives).hasSize(1);
        Path archive = hub.data().resolve("run").resolve(archives.get(0));
        Object made = Files.getAttribute(archive, "unix:ino");
        assertThat(hub.hub("check").exitCode()).isZero();
        assertThat(Files.getAttribute(archive, "unix:ino")).as("nothing has changed: it is not made again").isEqualTo(made);
        hub.start().stop();
        for (Path jar : jars(hub.home().resolve("lib"))) {
            Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        }
        assertThat(hub.start().stop().exitCode()).isZero();
        assertThat(hub.data().resolve("logs/console.log")).as("no complaints of Java").isEmptyFile();
        assertThat(hub.hub("check").exitCode()).isZero();
        assertThat(Files.getAttribute(archive, "unix:ino")).as("made of other jars").isNotEqualTo(made);
    }

    @Test
    void explainsItself() throws Exception {
        assertThat(hub.hub("help").output()).contains("usage: hub COMMAND");
        assertThat(hub.hub("version").output()).matches("\\d+\\.\\d+\\.\\d+\\S*\n");
        assertThat(hub.hub("dance").exitCode()).isEqualTo(64);
        assertThat(hub.hub().exitCode()).isEqualTo(64);
    }

    private boolean succeeds(List<String> prefix) throws InterruptedException {
        try {
            return hub.run(Stream.concat(prefix.stream(), Stream.of("true")).toList()).exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void open(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static List<String> tree(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.map(root::relativize).map(Path::toString).sorted().toList();
        }
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> path.toString().endsWith(".jar")).toList();
        }
    }

    private static void setWritable(Path root, boolean writable) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            paths.forEach(path -> path.toFile().setWritable(writable, true));
        }
    }
}
