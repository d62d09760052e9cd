package io.monitoringhub.sdk.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.Stats;
import io.monitoringhub.sdk.internal.SpoolPlace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a backend does not take at once: kept on disk, in order, within bounds, and delivered once to it. */
@Timeout(120)
class DirectSpoolTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path spool;

    private SdkBuilder builder(ScriptedHttp hub) {
        return builder().backend(new HubBackend(hub.url()), as -> as.queue(1_000).batchSize(100).linger(Duration.ofMillis(5)));
    }

    private SdkBuilder builder() {
        return MonitoringSdk.builder().source("test").closeTimeout(LONG).backoff(Duration.ofMillis(1), Duration.ofMillis(20)).spoolDirectory(spool);
    }

    private static void log(MonitoringSdk sdk, int from, int to) {
        IntStream.range(from, to).forEach(i -> sdk.logEvent("info", "message " + i));
    }

    private static List<Integer> numbers(List<String> lines) {
        return lines.stream().map(line -> Integer.valueOf(line.replaceAll(".*\"message ([0-9]+)\".*", "$1"))).toList();
    }

    private static List<Integer> all(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private List<Path> spooled() throws IOException {
        try (Stream<Path> files = Files.walk(spool)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void whatABackendThatIsAwayDoesNotTakeIsDeliveredInOrderWhenItIsBack() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503); MonitoringSdk sdk = builder(hub).build()) {
            log(sdk, 0, 5_000);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.backends().get("hub").spooled()).isBetween(3_500L, 4_900L);
            assertThat(spooled()).isNotEmpty();
            hub.plays((request, number) -> 202);
            hub.await("all of it", () -> hub.stored().size() == 5_000);
            log(sdk, 5_000, 5_100);
            hub.await("what came later", () -> hub.stored().size() == 5_100);
            assertThat(numbers(hub.stored())).isEqualTo(all(0, 5_100));
            hub.await("the end of it", () -> sdk.flush(LONG));
            assertThat(spooled()).isEmpty();
            assertThat(sdk.stats().dropped()).isZero();
        }
    }

    @Test
    void whatIsLeftAtTheEndIsDeliveredByTheNextProgramOfThisSourceInOrderAndOnce() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503)) {
            MonitoringSdk first = builder(hub).closeTimeout(Duration.ofMillis(100)).build();
            log(first, 0, 5_000);
            first.close();
            Stats stats = first.stats();
            assertThat(stats.spooled() + stats.leftInSpool()).as(stats::toString).isEqualTo(5_000);
            assertThat(stats.dropped()).isZero();
            assertThat(first.backends().get("hub").spooled()).isEqualTo(5_000);

            hub.plays((request, number) -> 202);
            int before = hub.requests().size();
            // Two at the same time: each file is taken by one of them.
            try (MonitoringSdk second = builder(hub).build(); MonitoringSdk third = builder(hub).build()) {
                hub.await("all of it", () -> hub.stored().size() == 5_000);
                hub.await("an empty spool", () -> second.flush(LONG) && third.flush(LONG));
            }
            List<ScriptedHttp.Request> requests = hub.requests();
            assertThat(requests.subList(before, requests.size())).extracting(ScriptedHttp.Request::key).doesNotHaveDuplicates();
            assertThat(numbers(hub.stored())).containsExactlyInAnyOrderElementsOf(all(0, 5_000));
            assertThat(spooled()).isEmpty();
        }
    }

    @Test
    void aLoneSuccessorKeepsTheOrder() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503)) {
            MonitoringSdk first = builder(hub).closeTimeout(Duration.ofMillis(100)).build();
            log(first, 0, 3_000);
            first.close();
            hub.plays((request, number) -> 202);
            try (MonitoringSdk second = builder(hub).build()) {
                hub.await("all of it", () -> hub.stored().size() == 3_000);
                assertThat(numbers(hub.stored())).isEqualTo(all(0, 3_000));
                hub.await("the count of files", () -> second.stats().spoolFilesSent() >= 30);
            }
        }
    }

    @Test
    void theSpoolHasABoundAndWhatDoesNotFitIsCounted() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503)) {
            MonitoringSdk sdk = builder(hub).spoolBytes(50_000).closeTimeout(Duration.ofMillis(100)).build();
            log(sdk, 0, 5_000);
            sdk.flush(LONG);
            assertThat(sdk.backends().get("hub").lastError()).contains("the spool is full: raise spoolBytes");
            sdk.close();
            BackendResult result = sdk.backends().get("hub");
            assertThat(result.spooled()).isPositive();
            assertThat(result.spooled() + result.dropped()).isEqualTo(5_000);
            assertThat(spooled().stream().mapToLong(file -> file.toFile().length()).sum()).isBetween(1L, 50_000L);
            assertThat(sdk.stats().lost()).containsOnlyKeys("buffer_full", "not_spooled");
        }
    }

    @Test
    void whatABackendThatHangsIsBusyWithIsSpooledAtTheEnd() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> {
            end.await();
            return 202;
        })) {
            MonitoringSdk sdk = builder(hub).closeTimeout(Duration.ofMillis(100)).build();
            log(sdk, 0, 200);
            hub.await("a request", () -> !hub.requests().isEmpty());
            sdk.close();
            assertThat(sdk.backends().get("hub").spooled()).isEqualTo(200);
            assertThat(sdk.stats().leftInSpool()).isEqualTo(200);
            end.countDown();
            hub.plays((request, number) -> 202);
            try (MonitoringSdk next = builder(hub).build()) {
                hub.await("all of it", () -> next.backends().get("hub").delivered() == 200);
            }
            assertThat(numbers(hub.stored())).as("the key of what was sent before is the same").containsExactlyInAnyOrderElementsOf(all(0, 200));
        }
    }

    @Test
    void batchesAreFoundAgainWhereNumbersAreWrittenInOtherDigits() throws Exception {
        Locale usual = Locale.getDefault();
        Locale.setDefault(new Locale.Builder().setLanguage("ar").setRegion("EG").build());
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503)) {
            MonitoringSdk first = builder(hub).closeTimeout(Duration.ofMillis(100)).build();
            log(first, 0, 10);
            first.close();
            assertThat(spooled()).singleElement().satisfies(file -> assertThat(file.getFileName().toString()).matches("[0-9a-z.-]+"));
            hub.plays((request, number) -> 202);
            try (MonitoringSdk next = builder(hub).build()) {
                hub.await("all of it", () -> next.backends().get("hub").delivered() == 10);
            }
            assertThat(numbers(hub.stored())).isEqualTo(all(0, 10));
        } finally {
            Locale.setDefault(usual);
        }
    }

    @Test
    void nothingIsTakenOutOfAFolderThatSomebodyElseWasQuickerToMake() throws Exception {
        BatchSpool mine = new BatchSpool(new SpoolPlace(spool, true, 1 << 20), "test", "hub", Clock.systemUTC());
        assertThat(mine.put(Batch.of("test", UUID.randomUUID(), Instant.EPOCH, 1, List.of("{}\n".getBytes(StandardCharsets.UTF_8))))).isTrue();
        try {
            Files.setAttribute(spool, "unix:uid", 65_534);
        } catch (IOException e) {
            assumeTrue(false, "only root can give a folder away: " + e);
        }
        assertThat(mine.take()).isEmpty();
        assertThat(spooled()).hasSize(1);
        Files.setAttribute(spool, "unix:uid", Files.getAttribute(spooled().get(0), "unix:uid"));
        assertThat(mine.take()).isPresent();
    }

    @Test
    void anEmptyFileOfADeliveredBatchIsRemovedAndOtherFilesAreLeftAlone() throws Exception {
        try (ScriptedHttp hub = new ScriptedHttp().plays((request, number) -> 503)) {
            MonitoringSdk first = builder(hub).closeTimeout(Duration.ofMillis(100)).build();
            log(first, 0, 10);
            first.close();
            Path file = spooled().get(0);
            Files.write(file, new byte[0]);
            Path stranger = Files.writeString(file.resolveSibling("readme.txt"), "of somebody else");
            hub.plays((request, number) -> 202);
            try (MonitoringSdk next = builder(hub).build()) {
                hub.await("the removal", () -> !Files.exists(file));
                log(next, 10, 20);
                hub.await("the others", () -> hub.stored().size() == 10);
            }
            assertThat(numbers(hub.stored())).isEqualTo(all(10, 20));
            assertThat(stranger).exists();
        }
    }
}
