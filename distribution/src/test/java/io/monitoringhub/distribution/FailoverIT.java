package io.monitoringhub.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.benchmarks.load.LoadReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two file backends in a failover group, the first of which cannot be opened at first. */
class FailoverIT {

    private static final int ENTRIES = 2_000;
    private static final String GROUP = """
            transports: { tcp: { port: %d } }
            backends:
              primary: { type: filesystem, path: primary, delivery: { breaker_after: BREAKER } }
              standby: { type: filesystem, path: events }
            routes:
              - { source: "*", to: [primary, standby], mode: failover }
            failover: { missing_after: 2s, hold_down: 1s }
            """;

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

    @Test
    void theSecondGetsEverythingWhileTheFirstHasFailedAndTheFirstIsBackOnceItIsMended() throws Exception {
        hub.stop();
        Path primary = Files.writeString(hub.data().resolve("primary"), "a file where a folder should be");
        Files.delete(loaded.events().resolve(".hub-owner"));
        hub.configure(GROUP.replace("BREAKER", "5").formatted(loaded.port())).start();
        awaitLane("standby delivers, because primary has failed");
        LoadReport first = loaded.load().messages(ENTRIES).build().run();
        loaded.awaitLines(ENTRIES);
        loaded.assertComplete(first);
        assertThat(primary).isRegularFile();

        Files.delete(primary);
        LoadReport second = loaded.load().messages(ENTRIES).build().run();
        loaded.awaitLines(2 * ENTRIES);
        assertThat(primary).as("what has failed is not tried again by itself").doesNotExist();

        edit(GROUP.replace("BREAKER", "6"));
        hub.waitUntil("primary delivers", () -> lane().contains(" OK "), this::lane);
        LoadReport third = loaded.load().messages(ENTRIES).build().run();
        hub.waitUntil("primary has the rest", () -> lines(primary) == ENTRIES, () -> lines(primary) + " lines\n" + lane());
        assertThat(lines(loaded.events())).isEqualTo(2 * ENTRIES);
        assertThat(Stream.of(first, second, third)).allMatch(LoadReport::isClean);
        assertThat(hub.shell("hub:retry primary").output()).startsWith("lane primary: OK");
    }

    private void awaitLane(String words) {
        hub.waitUntil("the group says: " + words, () -> lane().contains(words), this::lane);
    }

    private String lane() {
        try {
            return hub.shell("hub:lanes").output().lines().filter(line -> line.startsWith("primary+standby ")).findFirst().orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long lines(Path below) {
        return EventFiles.lines(below).size();
    }

    private void edit(String yaml) throws Exception {
        List<String> before = readAgain();
        Path draft = Files.writeString(hub.conf().resolveSibling("hub.yaml.new"), yaml.formatted(loaded.port()));
        Files.move(draft, hub.conf(), StandardCopyOption.ATOMIC_MOVE);
        hub.waitUntil("hub.yaml was read again", () -> readAgain().size() > before.size(), () -> hub.logTail(20));
    }

    private List<String> readAgain() {
        return hub.logTail(10_000).lines().filter(line -> line.contains("was read again")).toList();
    }
}
