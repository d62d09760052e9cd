package io.monitoringhub.sdk.direct;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.Stats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DirectTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @TempDir
    Path spool;

    private SdkBuilder builder(Backend... backends) {
        return MonitoringSdk.builder().source("test").closeTimeout(LONG).backoff(Duration.ofMillis(1), Duration.ofMillis(20)).spoolDirectory(spool)
                .direct(backends);
    }

    private static void log(MonitoringSdk sdk, int from, int to) {
        IntStream.range(from, to).forEach(i -> sdk.logEvent("info", "message " + i));
    }

    private static List<Integer> numbers(List<String> lines) {
        return lines.stream().filter(line -> line.contains("\"msg\":\"message ")).map(line -> Integer.valueOf(line.replaceAll(".*\"message ([0-9]+)\".*", "$1")))
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private List<String> written() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files()) {
            lines.addAll(Files.readAllLines(file));
        }
        return lines;
    }

    private static List<Integer> all(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void filesHaveEachMessageOnceInOrderAlsoOfSeveralPrograms() throws Exception {
        Clock day = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
        for (int run = 0; run < 3; run++) {
            try (MonitoringSdk sdk = builder(new FilesystemBackend("files", folder, 0, day)).build()) {
                log(sdk, run * 1_000, run * 1_000 + 1_000);
                sdk.logMetric("rows", 4);
            }
        }
        assertThat(numbers(written())).isEqualTo(all(0, 3_000));
        assertThat(files()).hasSize(1);
    }

    @Test
    void aDayAndASizeBeginNewFilesAndHalfALineOfAKilledWriterIsCutOff() throws Exception {
        Batch batch = new Batch("test", UUID.randomUUID(), Instant.EPOCH, List.of(1L, 2L), List.of("{\"n\":1}\n".getBytes(), "{\"n\":2}\n".getBytes()));
        Clock first = Clock.fixed(Instant.parse("2026-11-22T23:59:00Z"), ZoneOffset.UTC);
        Clock second = Clock.fixed(Instant.parse("2026-11-23T00:01:00Z"), ZoneOffset.UTC);
        Files.writeString(folder.resolve("events-2026-11-22.jsonl"), "{\"n\":0}\n{\"n\":");
        FilesystemBackend backend = new FilesystemBackend("files", folder, 0, first);
        backend.write(batch);
        backend.close();
        assertThat(Files.readAllLines(folder.resolve("events-2026-11-22.jsonl"))).containsExactly("{\"n\":0}", "{\"n\":1}", "{\"n\":2}");
        FilesystemBackend rotating = new FilesystemBackend("files", folder, 30, second);
        for (int i = 0; i < 3; i++) {
            rotating.write(batch);
        }
        rotating.close();
        assertThat(files()).extracting(file -> file.getFileName().toString()).containsExactly("events-2026-11-22.jsonl", "events-2026-11-23.1.jsonl",
                "events-2026-11-23.2.jsonl", "events-2026-11-23.jsonl");
    }

    @Test
    void aFolderThatCannotBeThereIsToldAndUsedAsSoonAsItCan() throws Exception {
        Path taken = Files.writeString(folder.resolve("taken"), "a file");
        try (MonitoringSdk sdk = builder(new FilesystemBackend(taken)).build()) {
            log(sdk, 0, 10);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.backends().get("filesystem").lastError()).contains(taken.toString());
            Files.delete(taken);
            assertThat(sdk.flush(LONG) || sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
        }
        try (Stream<Path> files = Files.list(taken)) {
            assertThat(numbers(Files.readAllLines(files.findFirst().orElseThrow()))).isEqualTo(all(0, 10));
        }
    }

    @Test
    void aBatchThatFailedOrWhoseAnswerWasLostComesAgainUnderItsKey() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> number == 1 ? 503 : number == 2 || number == 4 ? 0 : 202);
                MonitoringSdk sdk = builder(new HubBackend("hub", hub.url(), "secret", Optional.empty(), LONG)).build()) {
            log(sdk, 0, 500);
            hub.await("a third try", () -> hub.requests().size() >= 3);
            log(sdk, 500, 700);
            hub.await("the second batch", () -> hub.stored().size() == 700);
            assertThat(sdk.flush(LONG) || sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
            assertThat(numbers(hub.stored())).isEqualTo(all(0, 700));
            List<ScriptedHttp.Request> requests = hub.requests();
            assertThat(requests.get(1)).isEqualTo(requests.get(0)).isEqualTo(requests.get(2));
            assertThat(requests.get(3).key()).isNotEqualTo(requests.get(0).key());
            assertThat(requests).allMatch(request -> request.authorization().equals("Bearer secret"));
            BackendResult result = sdk.backends().get("hub");
            assertThat(result.state()).isEqualTo(BackendResult.State.OK);
            assertThat(result.delivered()).isEqualTo(700);
            assertThat(result.failures()).isGreaterThanOrEqualTo(2);
            assertThat(sdk.stats().acked()).isEqualTo(700);
        }
    }

    @Test
    void aMessageThatIsRefusedIsFoundAndTheOthersAreDeliveredOnce() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp()
                .plays((request, number) -> request.lines().stream().anyMatch(line -> line.contains("message 77\"")) ? 400 : 202);
                MonitoringSdk sdk = builder(new HubBackend(hub.url())).build()) {
            log(sdk, 0, 200);
            assertThat(sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
            assertThat(numbers(hub.stored())).hasSize(199).doesNotContain(77).isSorted();
            assertThat(sdk.backends().get("hub").rejected()).isOne();
            assertThat(sdk.stats().refused()).isOne();
        }
    }

    @Test
    void whatAPersonMustMendIsKeptUntilItIs() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 401); MonitoringSdk sdk = builder(new HubBackend(hub.url())).build()) {
            log(sdk, 0, 100);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.backends().get("hub").state()).isEqualTo(BackendResult.State.FAILED);
            assertThat(sdk.backends().get("hub").lastError()).contains("401");
            hub.plays((request, number) -> 202);
            hub.await("all of it", () -> hub.stored().size() == 100);
        }
    }

    @Test
    void aBackendThatHangsHindersNoOtherAndNotTheEnd() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> {
            end.await();
            return 202;
        })) {
            MonitoringSdk sdk = builder(new HubBackend(hub.url()), new FilesystemBackend(folder)).spool(false).closeTimeout(Duration.ofMillis(300)).build();
            log(sdk, 0, 1_000);
            hub.await("a request", () -> !hub.requests().isEmpty());
            hub.await("the files", () -> sdk.backends().get("filesystem").delivered() == 1_000);
            sdk.close();
            assertThat(numbers(written())).isEqualTo(all(0, 1_000));
            assertThat(sdk.backends().get("hub").dropped()).isEqualTo(1_000);
            assertThat(sdk.stats().lost()).containsEntry("not_spooled", 1_000L);
            end.countDown();
        }
    }

    @Test
    void flushWaitsForWhatWasSaidBeforeAndNotForThoseWhoGoOn() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        try (MonitoringSdk sdk = builder(new Steady()).build()) {
            Thread other = new Thread(() -> {
                while (!isOver.get()) {
                    sdk.logEvent("info", "and on");
                    LockSupport.parkNanos(100_000);
                }
            });
            other.start();
            try {
                for (int i = 0; i < 20; i++) {
                    sdk.logEvent("info", "before");
                    assertThat(sdk.flush(LONG)).isTrue();
                }
            } finally {
                isOver.set(true);
                other.join();
            }
        }
    }

    /** Takes a few milliseconds for every batch, so that the next one waits while it does. */
    private static final class Steady implements Backend {

        @Override
        public String name() {
            return "steady";
        }

        @Override
        public BackendOptions options() {
            return BackendOptions.USUAL.linger(Duration.ofMillis(1)).batchSize(10);
        }

        @Override
        public WriteResult write(Batch batch) {
            LockSupport.parkNanos(2_000_000);
            return WriteResult.ALL_WRITTEN;
        }

        @Override
        public void close() {
            // It has nothing.
        }
    }

    @Test
    void withoutAHubAndASpoolTheQueueHasABoundAndWhatIsLostIsCounted() throws Exception {
        Stats stats;
        // Bound and not listening: it refuses, and nobody else gets it meanwhile.
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            MonitoringSdk sdk = builder(new HubBackend(URI.create("http://127.0.0.1:" + nobody.getLocalPort()))).spool(false).build();
            log(sdk, 0, 30_000);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.backends().get("hub").waiting()).isBetween(10_000, 10_500);
            sdk.close();
            log(sdk, 0, 1);
            stats = sdk.stats();
        }
        assertThat(stats.dropped()).isEqualTo(30_001);
        assertThat(stats.lost()).containsOnlyKeys("buffer_full", "not_spooled", "closed");
        assertThat(stats.lastError()).contains("hub");
    }

    @Test
    void closeDeliversWhatIsLeftAndOfTwoBackendsOfOneNameTheFirstCounts() throws Exception {
        MonitoringSdk sdk = builder(new FilesystemBackend(folder)).direct(new FilesystemBackend("filesystem", folder.resolve("second"), 0)).build();
        log(sdk, 0, 5_000);
        sdk.close();
        assertThat(numbers(Files.readAllLines(files().get(0)))).isEqualTo(all(0, 5_000));
        assertThat(sdk.backends()).containsOnlyKeys("filesystem");
        assertThat(sdk.stats().lost()).isEqualTo(Map.of());
        assertThat(sdk.stats().lastError()).contains("two backends are called filesystem");
        assertThat(folder.resolve("second")).doesNotExist();
    }
}
