package io.monitoringhub.sdk;

import static io.monitoringhub.sdk.TestSdk.LONG;
import static io.monitoringhub.sdk.TestSdk.log;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@SuppressWarnings("try") // What close does is what some of these are about.
class SessionTest {

    @TempDir
    Path spool;

    private static List<Integer> numbers(FakeHub hub) {
        return hub.messages().stream().map(TestSdk::number).flatMap(Optional::stream).toList();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private List<Path> spoolFiles() throws IOException {
        try (Stream<Path> files = Files.list(spool)) {
            return files.filter(file -> !file.toString().endsWith(".lock")).toList();
        }
    }

    @Test
    void theHubTakesEveryTypeOfMessage() {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).token("secret").context("site", "north").build()) {
            sdk.logEvent("INFO", "hello", Map.of("a", 1));
            sdk.logEvent(null, null, null);
            sdk.logMetric("rows", 4_000, "rows", Map.of("t", "x"));
            sdk.logMetric("nan", Double.NaN);
            sdk.logMetric(null, null, null, null);
            sdk.logProgress("12345", 250, null);
            sdk.logProgress(null, Double.NaN, "x");
            sdk.logResource();
            sdk.logResource(1, 2.5, Double.NaN, 4L);
            sdk.heartbeat();
            sdk.setTraceId("trace-1");
            String span = sdk.startSpan(null);
            sdk.logEvent("warn", "within");
            sdk.endSpan(span, null, null);
            sdk.endSpan("of another process", "ok");
            sdk.startJobAnalysis("job", "nightly", 2, Map.of("k", "v"));
            sdk.trackSubjob("job", "a", null);
            sdk.endSubjob("job", "a", "ok");
            sdk.trackSubjob("job", "b", "part b");
            sdk.endJobAnalysis("job", "failed", Map.of("why", "it did"));
            assertThat(sdk.flush(LONG)).isTrue();

            assertThat(hub.refused()).isEmpty();
            assertThat(hub.hellos()).hasSize(1);
            assertThat(hub.hellos().get(0).token()).contains("secret");
            assertThat(hub.hellos().get(0).sdk()).isEqualTo("java/1.0.0");
            for (String type : List.of("event", "metric", "progress", "resource", "heartbeat", "span")) {
                assertThat(hub.messages()).anyMatch(line -> line.contains("\"type\":\"" + type + "\""));
            }
            assertThat(hub.messages().get(0)).contains("\"ctx\":{\"site\":\"north\",\"a\":1}");
            assertThat(hub.messages()).anyMatch(line -> line.contains("within") && line.contains("\"tid\":\"trace-1\",\"sid\":\"" + span));
            assertThat(hub.messages()).anyMatch(line -> line.contains("\"percent\":50"));
            assertThat(sdk.stats().acked()).isEqualTo(sdk.stats().messages());
            assertThat(sdk.stats().state()).isEqualTo(State.CONNECTED);
            sdk.close();
            assertThat(hub.accepted().get(hub.accepted().size() - 1)).contains("goodbye");
            assertThat(sdk.stats().state()).isEqualTo(State.CLOSED);
            sdk.logEvent("info", "too late");
            assertThat(sdk.stats().lost()).isEqualTo(Map.of("closed", 1L));
        }
    }

    @Test
    void sendsAgainWhatWasNotAcknowledgedAndDoublesNothing() {
        try (FakeHub hub = new FakeHub().closesAfter(7); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            log(sdk, 0, 100);
            hub.await("all messages over many connections", () -> numbers(hub).size() == 100);
            hub.closesAfter(Integer.MAX_VALUE).down().up();
            hub.await("the last acknowledgement", () -> sdk.stats().acked() == 100);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(numbers(hub)).isEqualTo(upTo(100));
            assertThat(hub.hellos()).hasSizeGreaterThan(10).extracting("clientId").containsOnly(hub.hellos().get(0).clientId());
            assertThat(sdk.stats().acked()).isEqualTo(100);
            assertThat(sdk.stats().resent()).isPositive();
            assertThat(sdk.stats().dropped()).isZero();
        }
    }

    @Test
    void anErrorCountsAsAcknowledgedAndConfirmsNothingElse() {
        try (FakeHub hub = new FakeHub().acknowledges(false).refuses(line -> line.contains("message 1\""));
                MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            log(sdk, 0, 3);
            hub.await("the lines", () -> numbers(hub).size() == 2);
            hub.await("the refusal", () -> sdk.stats().refused() == 1);
            assertThat(sdk.stats().acked()).isZero();
            assertThat(sdk.stats().lastError()).isEqualTo("refused by the hub: invalid_data: a \\\"bad\\\" one");
            hub.acknowledges(true);
            log(sdk, 3, 4);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(sdk.stats().acked()).isEqualTo(4);
        }
    }

    @Test
    void leavesAHubThatAcknowledgesTooMuch() {
        try (FakeHub hub = new FakeHub().acknowledgesTooMuch(5); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            log(sdk, 0, 1);
            hub.await("a second session", () -> hub.hellos().size() > 1);
            hub.acknowledgesTooMuch(0);
            assertThat(sdk.flush(LONG) || sdk.flush(LONG)).isTrue();
            assertThat(numbers(hub)).isEqualTo(upTo(1));
        }
    }

    @Test
    void keepsToTheHubsLimit() {
        try (FakeHub hub = new FakeHub().maxMessage(2_048); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            sdk.heartbeat();
            assertThat(sdk.flush(LONG)).isTrue();
            sdk.logEvent("info", "x".repeat(10_000));
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(hub.messages().get(1).length()).isLessThan(2_048);
            assertThat(sdk.stats().shortened()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatDoesNotKnowHelloGetsPlainLines() throws IOException {
        try (FakeHub hub = new FakeHub().answers(false);
                MonitoringSdk sdk = TestSdk.builder(hub, spool).welcomeTimeout(Duration.ofMillis(50)).build()) {
            log(sdk, 0, 3_000);
            assertThat(sdk.flush(LONG)).isTrue();
            hub.await("the lines", () -> numbers(hub).size() == 3_000);
            assertThat(sdk.stats().protocol()).isEqualTo("plain");
            assertThat(sdk.stats().plain()).isEqualTo(3_000);
            sdk.close();
            hub.await("goodbye", () -> hub.accepted().size() == 3_001);
            assertThat(numbers(hub)).isEqualTo(upTo(3_000));
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void aHubThatIsSlowToWelcomeIsPlainOnlyUntilItAnswers() {
        try (FakeHub hub = new FakeHub().welcomesAfter(60);
                MonitoringSdk sdk = TestSdk.builder(hub, spool).welcomeTimeout(Duration.ofMillis(50)).build()) {
            log(sdk, 0, 50);
            hub.await("taken for plain", () -> sdk.stats().plain() == 50);
            log(sdk, 50, 60);
            hub.await("the welcome", () -> sdk.stats().protocol().equals("acked"));
            assertThat(sdk.stats().plain()).isZero();
            assertThat(sdk.stats().acked()).isZero();
            hub.welcomesAfter(0).down().up();
            hub.await("all of them", () -> sdk.stats().acked() == 60);
            assertThat(numbers(hub)).isEqualTo(upTo(60));
        }
    }

    @Test
    void aHubThatOnceAnsweredIsNotTakenForPlain() {
        try (FakeHub hub = new FakeHub();
                MonitoringSdk sdk = TestSdk.builder(hub, spool).welcomeTimeout(Duration.ofMillis(50)).build()) {
            log(sdk, 0, 1);
            // Perhaps late: flush is content with a plain server, too.
            hub.await("a welcome", () -> sdk.stats().acked() == 1);
            hub.answers(false).down().up();
            log(sdk, 1, 2);
            int before = hub.hellos().size();
            hub.await("more than one try", () -> hub.hellos().size() > before + 2);
            assertThat(sdk.stats().plain()).isZero();
            hub.answers(true);
            hub.await("the second message acknowledged", () -> sdk.stats().acked() == 2);
        }
    }

    @Test
    void plainProtocolSaysNoHello() {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).protocol(Protocol.PLAIN).build()) {
            log(sdk, 0, 10);
            assertThat(sdk.flush(LONG)).isTrue();
            hub.await("the lines", () -> numbers(hub).size() == 10);
            assertThat(hub.hellos()).isEmpty();
        }
    }

    @Test
    void overflowGoesThroughTheSpoolInOrder() throws IOException {
        try (FakeHub hub = new FakeHub().down(); MonitoringSdk sdk = TestSdk.builder(hub, spool).bufferMessages(10).build()) {
            log(sdk, 0, 5_000);
            hub.await("the spool", () -> sdk.stats().spooled() == 4_990 && sdk.stats().buffered() == 10);
            hub.await("the state", () -> sdk.stats().state() == State.OVERFLOW);
            assertThat(spoolFiles()).hasSize(1).first().asString().matches(".*/test-" + sdk.stats().client() + "-11\\.open-java");
            hub.up();
            hub.await("all messages", () -> numbers(hub).size() == 5_000);
            assertThat(sdk.flush(LONG)).isTrue();
            log(sdk, 5_000, 5_100);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(numbers(hub)).isEqualTo(upTo(5_100));
            assertThat(sdk.stats().dropped()).isZero();
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void whatIsLeftAtTheEndIsSentByTheNextProcess() throws IOException {
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk first = TestSdk.builder(hub, spool).bufferMessages(100).build();
            log(first, 0, 1_000);
            first.close();
            assertThat(first.stats().leftInSpool()).isEqualTo(1_000);
            assertThat(spoolFiles()).hasSize(2).allMatch(file -> file.toString().endsWith(".ldjson"));
            hub.up();
            MonitoringSdk second = TestSdk.builder(hub, spool).build();
            log(second, 1_000, 1_001);
            second.close();
            assertThat(new HashSet<>(numbers(hub))).hasSize(1_001);
            assertThat(numbers(hub)).hasSize(1_001);
            assertThat(numbers(hub).stream().filter(n -> n < 1_000).toList()).isEqualTo(upTo(1_000));
            assertThat(hub.hellos()).extracting(hello -> hello.clientId().toString()).contains(first.stats().client(), second.stats().client());
            assertThat(second.stats().spoolFilesSent()).isEqualTo(2);
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void linesThatTheHubHadAreNotDoubledByTheSpool() {
        try (FakeHub hub = new FakeHub().acknowledges(false)) {
            MonitoringSdk first = TestSdk.builder(hub, spool).closeTimeout(Duration.ofMillis(100)).build();
            log(first, 0, 50);
            hub.await("the lines, unacknowledged", () -> numbers(hub).size() == 50);
            first.close();
            assertThat(first.stats().leftInSpool()).isEqualTo(50);
            hub.acknowledges(true);
            MonitoringSdk second = TestSdk.builder(hub, spool).build();
            log(second, 50, 51);
            second.close();
            assertThat(numbers(hub)).isEqualTo(upTo(51));
            assertThat(hub.repeated()).hasSizeGreaterThanOrEqualTo(50);
        }
    }

    @Test
    void ofManyInstancesThatRaceForTheSpoolEachFileIsSentOnce() throws IOException {
        try (FakeHub hub = new FakeHub().down()) {
            for (int i = 0; i < 8; i++) {
                MonitoringSdk sdk = TestSdk.builder(hub, spool).bufferMessages(20).build();
                log(sdk, 100 * i, 100 * i + 100);
                sdk.close();
            }
            hub.up();
            List<MonitoringSdk> racers = IntStream.range(0, 4).mapToObj(i -> TestSdk.builder(hub, spool).build()).toList();
            hub.await("all messages", () -> numbers(hub).size() == 800);
            racers.forEach(MonitoringSdk::close);
            assertThat(new HashSet<>(numbers(hub))).hasSize(800);
            assertThat(numbers(hub)).hasSize(800);
            assertThat(racers.stream().mapToLong(sdk -> sdk.stats().spoolFilesSent()).sum()).isEqualTo(16);
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void aFencedInstanceGoesOnUnderANewIdWithItsSpoolFileWhichNoOtherInstanceTakes() throws IOException {
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk first = TestSdk.builder(hub, spool).bufferMessages(20).build();
            log(first, 0, 100);
            hub.await("a spool file", () -> first.stats().spooled() == 80);
            String before = first.stats().client();
            hub.acknowledges(false).fences(1).up();
            hub.await("a new id", () -> !first.stats().client().equals(before));
            hub.await("its lines", () -> numbers(hub).contains(0));
            MonitoringSdk second = TestSdk.builder(hub, spool).closeTimeout(Duration.ofMillis(100)).build();
            log(second, 100, 101);
            hub.await("the other one's line", () -> numbers(hub).contains(100));
            second.close();
            assertThat(second.stats().spoolFilesSent()).isZero();
            assertThat(spoolFiles()).extracting(file -> file.getFileName().toString())
                    .anyMatch(name -> name.contains(first.stats().client()) && name.endsWith(".open-java"))
                    .noneMatch(name -> name.contains(before));

            hub.acknowledges(true).down().up();
            hub.await("the second one's file", () -> first.stats().spoolFilesSent() == 1);
            assertThat(first.flush(LONG)).isTrue();
            assertThat(numbers(hub)).containsExactlyInAnyOrderElementsOf(upTo(101));
            assertThat(numbers(hub).stream().filter(n -> n < 100).toList()).isEqualTo(upTo(100));
            first.close();
            assertThat(spoolFiles()).isEmpty();
            assertThat(hub.hellos().stream().filter(hello -> hello.clientId().toString().equals(before))).hasSize(1);
        }
    }

    @Test
    void aFileOfAKilledProcessIsSentWithoutItsHalfLine() throws IOException {
        String name = "test-6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11-41.open-java";
        String line = "{\"v\":1,\"src\":\"test\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"message 0\",\"ctx\":{}}}\n";
        Files.writeString(spool.resolve(name), line + line.substring(0, 20));
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            hub.await("the old line", () -> numbers(hub).size() == 1);
            hub.await("its acknowledgement", () -> sdk.stats().spoolFilesSent() == 1);
            assertThat(hub.hellos()).anyMatch(hello -> hello.next() == 41);
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void aFileThatAHubOrAnotherLanguageHasInHandHoldsUpThoseOfItsClient() throws IOException {
        String line = "{\"v\":1,\"src\":\"test\",\"ts\":1,\"type\":\"event\",\"data\":{\"level\":\"info\",\"msg\":\"message 0\",\"ctx\":{}}}\n";
        Path held = Files.writeString(spool.resolve("test-6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11-41.claimed-hub"), line);
        Path next = Files.writeString(spool.resolve("test-6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11-42.ldjson"), line);
        Files.writeString(spool.resolve("test-7f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11-7.ldjson"), line);
        try (FakeHub hub = new FakeHub()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).build();
            hub.await("the file of another client", () -> sdk.stats().spoolFilesSent() == 1);
            sdk.close();
            assertThat(spoolFiles()).containsExactlyInAnyOrder(held, next);
            Files.delete(held);
            MonitoringSdk later = TestSdk.builder(hub, spool).build();
            hub.await("what had to wait", () -> later.stats().spoolFilesSent() == 1);
            later.close();
            assertThat(hub.hellos()).extracting(hello -> hello.next()).containsOnlyOnce(42L, 7L).doesNotContain(41L);
            assertThat(spoolFiles()).isEmpty();
        }
    }

    @Test
    void withoutASpoolTheRestIsLostAndCounted() {
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).spool(false).bufferMessages(10).build();
            log(sdk, 0, 25);
            assertThat(sdk.stats().lost()).isEqualTo(Map.of("buffer_full", 15L));
            sdk.close();
            assertThat(sdk.stats().lost()).isEqualTo(Map.of("buffer_full", 15L, "not_spooled", 10L));
        }
    }

    @Test
    void aFullSpoolLosesAndCounts() {
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).bufferMessages(10).spoolBytes(2_000).stagingBytes(65_536).build();
            log(sdk, 0, 2_000);
            hub.await("the spool to be full", () -> sdk.stats().lastError().startsWith("the spool is full"));
            sdk.close();
            Stats stats = sdk.stats();
            assertThat(stats.leftInSpool() + stats.dropped()).isEqualTo(2_000);
            assertThat(stats.leftInSpool()).isPositive();
            assertThat(stats.lost().keySet()).contains("not_spooled");
        }
    }

    @Test
    void aSpoolThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(spool.resolve("a-file"), "");
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk sdk = TestSdk.builder(hub, file).build();
            log(sdk, 0, 1);
            sdk.close();
            assertThat(sdk.stats().lost()).isEqualTo(Map.of("not_spooled", 1L));
            assertThat(sdk.stats().lastError()).startsWith("cannot write to the spool").contains("a-file");
        }
    }
}
