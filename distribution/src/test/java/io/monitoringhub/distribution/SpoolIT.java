package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services that write while the hub is away and never start again: the packaged hub takes what they left. */
class SpoolIT {

    private static final int LARGE = 500_000;
    private static final Path PERL = Path.of("../sdk/perl/lib").toAbsolutePath().normalize();
    private static final String PROGRAM = """
            my ($port, $dir, $from, $to, $end) = @ARGV;
            my $sdk = MonitoringSDK->new(source => 'svc', port => $port, spool_dir => $dir, buffer => 20);
            $sdk->log_event('info', $_) for $from .. $to;
            kill 'KILL', $$ if $end eq 'kill';
            $sdk->close;
            """;

    @TempDir
    private Path folder;
    private PackagedHub hub;
    private Path spool;
    private int port;

    @BeforeEach
    void unpack() throws Exception {
        port = TestConfiguration.freePort();
        hub = PackagedHub.unpackInto(folder).configure("""
                transports:
                  tcp: { port: %d }
                  spool: { path: spool, abandoned_after: 1s }
                backends: { archive: { type: filesystem, path: events } }
                """.formatted(port));
        spool = Files.createDirectories(hub.data().resolve("spool"));
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void whatPerlProcessesLeftIsStoredOnceAlsoThatOfOneThatWasKilled() throws Exception {
        assertThat(perl(1, 300, "close")).isZero();
        assertThat(perl(301, 600, "close")).isZero();
        // 20 are in its memory when it is killed; no file has those.
        assertThat(perl(601, 900, "kill")).isNotZero();
        assertThat(names().stream().map(name -> name.replaceAll(".*-", ""))).containsExactlyInAnyOrder("1.ldjson", "21.ldjson", "1.ldjson", "21.ldjson",
                "21.open");
        hub.start();
        awaitEmptySpool();
        List<Integer> expected = IntStream.concat(IntStream.rangeClosed(1, 600), IntStream.rangeClosed(621, 900)).boxed().toList();
        hub.waitUntil("all is in the files", () -> stored().size() >= expected.size(), () -> stored().size() + " lines");
        assertThat(stored().stream().sorted().toList()).isEqualTo(expected);
        assertThat(perl(901, 910, "close")).isZero();
        hub.waitUntil("a later process sends by itself", () -> stored().size() == expected.size() + 10);
    }

    @Test
    void aLargeFileIsStoredOnceAndInOrderThoughTheHubIsKilledInTheMiddle() throws Exception {
        Path draft = spool.resolve("large.tmp");
        try (BufferedWriter out = Files.newBufferedWriter(draft)) {
            for (int n = 1; n <= LARGE; n++) {
                out.write("{\"v\":1,\"src\":\"svc\",\"ts\":1700000000000,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"" + n + "\"}}\n");
            }
        }
        // A hub that is told to start takes it in before it says that it is ready.
        hub.start();
        Files.move(draft, spool.resolve("large.ldjson"));
        int kills = 0;
        for (int from : new int[] {1, 200_000}) {
            hub.waitUntil("some of it is in the log", () -> logEnd() >= from || names().isEmpty(), this::status);
            if (!names().isEmpty()) {
                hub.kill();
                if (names().isEmpty()) {
                    // It was quicker than the kill.
                    hub.start();
                    continue;
                }
                kills++;
                assertThat(names()).singleElement().satisfies(name -> assertThat(name).matches("large-.*-1\\.dropped-hub"));
                hub.start();
            }
        }
        assertThat(kills).as("kills in the middle of the file").isPositive();
        awaitEmptySpool();
        hub.waitUntil("all is in the files", () -> logEnd() >= LARGE, this::status);
        assertThat(logEnd()).isEqualTo(LARGE);
        hub.waitUntil("all is delivered", () -> stored().size() >= LARGE, this::status);
        assertThat(stored()).isEqualTo(IntStream.rangeClosed(1, LARGE).boxed().toList());
    }

    private int perl(int from, int to, String end) throws Exception {
        Process process = new ProcessBuilder("perl", "-I", PERL.toString(), "-MMonitoringSDK", "-e", PROGRAM, "" + port, spool.toString(),
                "" + from, "" + to, end).inheritIO().start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("the program ends").isTrue();
        return process.exitValue();
    }

    private void awaitEmptySpool() {
        hub.waitUntil("the folder is empty", () -> names().isEmpty(), () -> names() + "\n" + status());
    }

    /** Without the locks, which stay. */
    private List<String> names() {
        try (Stream<Path> files = Files.list(spool)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".lock")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Integer> stored() {
        return EventFiles.lines(hub.data().resolve("events")).stream().filter(line -> line.contains("\"type\":\"event\""))
                .map(line -> Integer.valueOf(line.replaceAll(".*\"msg\":\"(\\d+)\".*", "$1"))).toList();
    }

    private long logEnd() {
        String status = status();
        return status.matches("(?s).*entries [\\d,]+ to [\\d,]+,.*")
                ? Long.parseLong(status.replaceAll("(?s).*entries [\\d,]+ to ([\\d,]+),.*", "$1").replace(",", "")) : 0;
    }

    private String status() {
        return hub.ask("hub:status");
    }
}
