package io.monitoringhub.sdk.direct;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.sdk.MonitoringSdk;
import io.monitoringhub.sdk.SdkBuilder;
import io.monitoringhub.sdk.State;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several backends by priority, results of single messages, and looks at backends. */
@Timeout(120)
class DeliveryModeTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private SdkBuilder builder() {
        return MonitoringSdk.builder().source("test").closeTimeout(LONG).backoff(Duration.ofMillis(1), Duration.ofMillis(20))
                .spoolDirectory(folder.resolve("spool"));
    }

    private SdkBuilder failover(ScriptedHttp first, ScriptedHttp second) {
        // Their order here says nothing. Only a flush ends a batch: none goes out while a backend that has failed is left alone.
        return builder().delivery(DeliveryMode.FAILOVER)
                .backend(hub("second", second.url()), as -> as.priority(2).linger(LONG))
                .backend(hub("first", first.url()), as -> as.priority(1).linger(LONG));
    }

    private static Backend hub(String name, URI url) {
        return new HubBackend(name, url, "", Optional.empty(), LONG);
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

    @Test
    void theFirstByPriorityThatWorksGetsABatchAndTheFirstIsTriedAgain() throws Exception {
        try (ScriptedHttp first = new ScriptedHttp(); ScriptedHttp second = new ScriptedHttp(); MonitoringSdk sdk = failover(first, second).build()) {
            log(sdk, 0, 100);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(second.requests()).isEmpty();
            first.plays((request, number) -> 503);
            log(sdk, 100, 200);
            assertThat(sdk.flush(LONG)).as("the second has it, so nothing has failed for the lane").isTrue();
            assertThat(numbers(second.stored())).isEqualTo(all(100, 200));
            assertThat(sdk.backends().get("first").state()).isEqualTo(BackendResult.State.RETRYING);
            assertThat(sdk.backends().get("first").lastError()).contains("503");
            assertThat(sdk.backends().get("second").state()).isEqualTo(BackendResult.State.OK);
            first.plays((request, number) -> 202);
            log(sdk, 200, 300);
            assertThat(sdk.flush(LONG)).as("a flush tries also what is left alone").isTrue();
            assertThat(numbers(first.stored())).isEqualTo(IntStream.concat(IntStream.range(0, 100), IntStream.range(200, 300)).boxed().toList());
            assertThat(sdk.stats().acked()).isEqualTo(300);
            assertThat(sdk.stats().state()).isEqualTo(State.CONNECTED);
        }
    }

    @Test
    void whatNoBackendTakesIsSpooledAndDeliveredByTheNextProgram() throws Exception {
        try (ScriptedHttp first = new ScriptedHttp().plays((request, number) -> 503); ScriptedHttp second = new ScriptedHttp().plays((request, number) -> 401)) {
            MonitoringSdk sdk = failover(first, second).closeTimeout(Duration.ofMillis(100)).build();
            log(sdk, 0, 2_000);
            assertThat(sdk.flush(LONG)).isFalse();
            assertThat(sdk.stats().lastError()).contains("no backend takes it", "first: ", "503", "second: ", "401");
            assertThat(sdk.backends().get("second").state()).isEqualTo(BackendResult.State.FAILED);
            sdk.close();
            assertThat(sdk.stats().dropped()).isZero();
            second.plays((request, number) -> 202);
            try (MonitoringSdk next = failover(first, second).build()) {
                second.await("all of it", () -> second.stored().size() == 2_000);
                assertThat(numbers(second.stored())).isEqualTo(all(0, 2_000));
                assertThat(next.backends().get("second").delivered()).isLessThanOrEqualTo(2_000);
            }
        }
    }

    @Test
    void aRefusedMessageIsNotHandedOnToTheNext() throws Exception {
        try (ScriptedHttp first = new ScriptedHttp()
                .plays((request, number) -> request.lines().stream().anyMatch(line -> line.contains("message 7\"")) ? 400 : 202);
                ScriptedHttp second = new ScriptedHttp(); MonitoringSdk sdk = failover(first, second).build()) {
            log(sdk, 0, 20);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(numbers(first.stored())).hasSize(19).doesNotContain(7).isSorted();
            assertThat(second.requests()).isEmpty();
            assertThat(sdk.backends().get("first").rejected()).isOne();
        }
    }

    /** Rejects what ends in 3, and takes what ends in 5 only when it comes a second time. Used by one thread at a time; its lists by all. */
    private static final class Picky implements Backend {

        private final List<Integer> written = new ArrayList<>();
        private final List<Integer> seen = new ArrayList<>();

        @Override
        public String name() {
            return "picky";
        }

        @Override
        public synchronized WriteResult write(Batch batch) {
            List<Integer> retry = new ArrayList<>();
            int rejected = 0;
            for (int i = 0; i < batch.size(); i++) {
                int number = numbers(List.of(new String(batch.lines().get(i), StandardCharsets.UTF_8).strip())).get(0);
                boolean isFirst = !seen.contains(number);
                seen.add(number);
                if (number % 10 == 3) {
                    rejected++;
                } else if (number % 10 == 5 && isFirst) {
                    retry.add(i);
                } else {
                    written.add(number);
                }
            }
            return new WriteResult(rejected, "ends in 3", retry, "come again");
        }

        synchronized List<Integer> written() {
            return List.copyOf(written);
        }

        synchronized List<Integer> seen() {
            return List.copyOf(seen);
        }

        @Override
        public void close() {
        }
    }

    @Test
    void ofABatchOnlyWhatWasNotTakenYetComesAgain() throws Exception {
        Picky picky = new Picky();
        MonitoringSdk sdk = builder().direct(picky).build();
        log(sdk, 0, 100);
        // A first try that leaves something counts as one that failed.
        assertThat(sdk.flush(LONG) || sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
        sdk.close();
        assertThat(picky.written()).doesNotHaveDuplicates().hasSize(90);
        assertThat(picky.seen()).hasSize(110);
        BackendResult result = sdk.backends().get("picky");
        assertThat(result.delivered()).isEqualTo(90);
        assertThat(result.rejected()).isEqualTo(10);
        assertThat(result.waiting()).isZero();
        assertThat(sdk.stats().refused()).isEqualTo(10);
    }

    @Test
    void aLookTellsOfEachBackendWhetherItIsThere() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        try (ScriptedHttp hub = new ScriptedHttp();
                MonitoringSdk sdk = builder().direct(new FilesystemBackend(folder.resolve("files")), new FilesystemBackend("blocked", file.resolve("below"), 0),
                        hub("no hub", hub.url()), new Picky()).build()) {
            assertThat(sdk.health(LONG)).satisfies(health -> {
                assertThat(health.keySet()).containsExactly("filesystem", "blocked", "no hub", "picky");
                assertThat(health.get("filesystem").isReachable()).isTrue();
                assertThat(health.get("filesystem").check()).contains("MiB free");
                assertThat(health.get("blocked").isReachable()).isFalse();
                assertThat(health.get("blocked").check()).contains(file.toString());
                assertThat(health.get("no hub").isReachable()).isFalse();
                assertThat(health.get("no hub").check()).contains("answered 404");
                assertThat(health.get("picky").isReachable()).isTrue();
            });
            assertThat(folder.resolve("files")).as("nothing is written").doesNotExist();
        }
    }
}
