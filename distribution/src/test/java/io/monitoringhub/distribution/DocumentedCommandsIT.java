package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Commands in documents do what the documents say: each page that asks for it is gone through from top to bottom, in a folder that looks like
 * a clone in which ./quickstart.sh has started a hub. Only the ports are others. All pages share this hub; each finds the shipped configuration.
 */
class DocumentedCommandsIT {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;
    private static Path clone;
    private static PackagedHub hub;
    private static int tcp;
    private static int http;
    private static String shipped;

    static List<DocumentedPage> pages() throws IOException {
        try (Stream<Path> files = Stream.of("docs", "plugins", "examples").flatMap(DocumentedCommandsIT::files)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().map(DocumentedCommandsIT::page).flatMap(List::stream).toList();
        }
    }

    private static Stream<Path> files(String folder) {
        try {
            return Files.walk(ROOT.resolve(folder), 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<DocumentedPage> page(Path file) {
        try {
            return DocumentedPage.of(file).stream().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        tcp = TestConfiguration.freePort();
        http = TestConfiguration.freePort();
        clone = Files.createDirectories(folder.resolve("clone"));
        for (String each : List.of("docs", "examples", "plugins", "sdk", "mvnw", "protocol")) {
            Files.createSymbolicLink(clone.resolve(each), ROOT.resolve(each));
        }
        Path quickstart = clone.resolve("target/quickstart");
        hub = PackagedHub.unpackInto(quickstart).with("MONITORING_PORT", Integer.toString(tcp));
        Files.createSymbolicLink(quickstart.resolve("hub"), hub.home().getFileName());
        LocalRepository.offer(ROOT, folder.resolve("repository"), clone.resolve(".mvn"));
        shipped = DocumentedPage.onPorts(Files.readString(hub.conf()), tcp, http);
        hub.configure(shipped).start();
        hub.waitUntil("the shipped backend is served", PATIENCE, () -> hub.lane("archive").state().equals("OK"), () -> hub.ask("hub:status"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (hub != null) {
            hub.close();
        }
    }

    @BeforeEach
    void shippedConfiguration() throws Exception {
        hub.configure(shipped);
        assertThat(hub.run(List.of("rm", "-rf", hub.home().resolve("conf/conf.d").toString())).exitCode()).isZero();
        assertThat(hub.shell("hub:reload").exitCode()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void theCommandsOfAPageDoWhatItSays(DocumentedPage page) throws Exception {
        assertThat(page.steps()).as("commands in %s", page).isNotEmpty();
        for (DocumentedPage.Step step : page.onPorts(tcp, http).steps()) {
            AtomicReference<String> seen = new AtomicReference<>("");
            if (step.until()) {
                hub.waitUntil(page + ":" + step.line() + " shows what it shall", PATIENCE, () -> isDone(page, step, seen), seen::get);
            } else if (!isDone(page, step, seen)) {
                fail("%s:%d%n%s%n%s%nexpected:%n%s%n%s".formatted(page, step.line(), step.command(), seen.get(), step.expected().orElse("exit code 0"),
                        hub.logTail(30)));
            }
        }
    }

    private static boolean isDone(DocumentedPage page, DocumentedPage.Step step, AtomicReference<String> seen) {
        String script = "cd '" + clone.resolve(page.folder()) + "'\n" + step.command();
        try {
            PackagedHub.Outcome outcome = hub.run(List.of("bash", "-e", "-u", "-o", "pipefail", "-c", script));
            seen.set(outcome.output() + "exit code " + outcome.exitCode());
            return outcome.exitCode() == 0 && step.isShownBy(outcome.output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + page, e);
        }
    }
}
