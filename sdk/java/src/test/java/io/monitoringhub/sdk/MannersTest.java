package io.monitoringhub.sdk;

import static io.monitoringhub.sdk.TestSdk.LONG;
import static io.monitoringhub.sdk.TestSdk.log;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@SuppressWarnings("try") // What close does is what some of these are about.
class MannersTest {

    @TempDir
    Path spool;

    @Test
    void manyThreadsLoseNothing() throws InterruptedException {
        int threads = 8;
        int each = 5_000;
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> all = Stream.iterate(0, i -> i + 1).limit(threads).map(i -> new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                log(sdk, i * each, (i + 1) * each);
            })).toList();
            all.forEach(Thread::start);
            start.countDown();
            for (Thread thread : all) {
                thread.join();
            }
            assertThat(sdk.flush(LONG)).as(() -> sdk.stats().toString()).isTrue();
            List<Integer> numbers = hub.messages().stream().map(TestSdk::number).flatMap(Optional::stream).toList();
            assertThat(numbers).hasSize(threads * each);
            assertThat(new HashSet<>(numbers)).hasSize(threads * each);
            for (int i = 0; i < threads; i++) {
                int number = i;
                assertThat(numbers.stream().filter(n -> n / each == number)).isSorted();
            }
            assertThat(sdk.stats().dropped()).isZero();
        }
    }

    @Test
    void aHubThatReadsNothingBlocksNobody() throws IOException {
        try (FakeHub hub = new FakeHub().reads(false);
                MonitoringSdk sdk = TestSdk.builder(hub, spool).closeTimeout(Duration.ofMillis(200)).build()) {
            String text = "x".repeat(20_000);
            long began = System.nanoTime();
            long slowest = 0;
            for (int i = 0; i < 1_500; i++) {
                long from = System.nanoTime();
                sdk.logEvent("info", text, Map.of("i", i));
                slowest = Math.max(slowest, System.nanoTime() - from);
                if (i % 100 == 99) {
                    hub.await("the sender to go on", () -> sdk.stats().buffered() <= 1_000);
                }
            }
            assertThat(Duration.ofNanos(slowest)).as("what a call took, and perhaps a collection").isLessThan(Duration.ofSeconds(10));
            assertThat(sdk.flush(Duration.ofMillis(50))).isFalse();
            sdk.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(2));
            Stats stats = sdk.stats();
            assertThat(stats.leftInSpool()).isEqualTo(1_500);
            assertThat(stats.dropped()).isZero();
        }
    }

    @Test
    void interruptedThreadsStayInterruptedAndLoseNothing() throws InterruptedException {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).bufferMessages(10).build()) {
            boolean[] still = new boolean[2];
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                log(sdk, 0, 2_000);
                sdk.logResource();
                still[0] = Thread.currentThread().isInterrupted();
                sdk.flush(LONG);
                still[1] = Thread.currentThread().isInterrupted();
            });
            thread.start();
            thread.join();
            assertThat(still).containsOnly(true);
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(hub.messages()).hasSize(2_001);
        }
    }

    @Test
    void closeInAnInterruptedThreadStillSpools() throws InterruptedException {
        try (FakeHub hub = new FakeHub().acknowledges(false)) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).build();
            log(sdk, 0, 20);
            boolean[] still = new boolean[1];
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                sdk.close();
                still[0] = Thread.currentThread().isInterrupted();
            });
            thread.start();
            thread.join();
            assertThat(still[0]).isTrue();
            assertThat(sdk.stats().leftInSpool()).isEqualTo(20);
        }
    }

    @Test
    void anInterruptOfTheSenderOnlyCostsItsConnection() {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            Thread sender = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("monitoring-sdk-test") && t.isAlive())
                    .findFirst().orElseThrow();
            for (int i = 0; i < 50; i++) {
                log(sdk, 10 * i, 10 * i + 10);
                sender.interrupt();
            }
            hub.await("all messages", () -> hub.messages().size() == 500);
            hub.await("their acknowledgement", () -> sdk.stats().acked() == 500);
        }
    }

    @Test
    void aPortWhereNobodyListensIsNoReasonToWait() {
        try (FakeHub hub = new FakeHub().down()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).build();
            sdk.logEvent("info", "nobody hears");
            long began = System.nanoTime();
            assertThat(sdk.flush(LONG)).isFalse();
            sdk.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LONG.dividedBy(2));
            assertThat(sdk.stats().lastError()).isNotEmpty();
        }
    }

    @Test
    void aPeerThatSpeaksAnotherProtocolIsLeft() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            MonitoringSdk sdk = new SdkBuilder(Map.of()).source("test").port(server.getLocalPort()).spoolDirectory(spool)
                    .welcomeTimeout(LONG).closeTimeout(Duration.ofMillis(100)).build();
            sdk.heartbeat();
            try (var socket = server.accept()) {
                socket.getOutputStream().write(new byte[100_000]);
            } catch (IOException leftEarly) {
                assertThat(leftEarly).hasMessageMatching("(?s).*(reset|Broken pipe).*");
            }
            sdk.close();
            assertThat(sdk.stats().leftInSpool()).isEqualTo(1);
        }
    }

    @Test
    void closeEndsItsThreadsAndIsIdempotent() {
        try (FakeHub hub = new FakeHub()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).source("ending").build();
            sdk.heartbeat();
            sdk.close();
            sdk.close();
            hub.await("its threads to end", () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("monitoring-sdk-ending")));
            assertThat(sdk.flush(LONG)).isFalse();
        }
    }

    @Test
    void wrongOptionsAreNamedAndDoNoHarm() {
        try (MonitoringSdk sdk = new SdkBuilder(Map.of("MONITORING_PORT", "many")).source(null).host("").port(-1).bufferMessages(0)
                .linger(null).spoolDirectory(null).protocol(null).spool(false).closeTimeout(Duration.ofMillis(-1)).build()) {
            sdk.heartbeat();
            assertThat(sdk.stats().lastError()).isNotEmpty();
        }
    }

    @Test
    void theEnvironmentIsTheFallBack() {
        try (FakeHub hub = new FakeHub()) {
            Map<String, String> environment = Map.of("MONITORING_HOST", "localhost", "MONITORING_PORT", Integer.toString(hub.port()),
                    "MONITORING_SPOOL_DIR", spool.toString(), "MONITORING_TRACE_ID", "t-1", "MONITORING_PARENT_SPAN", "p-1",
                    "MONITORING_TOKEN", "tok");
            try (MonitoringSdk sdk = new SdkBuilder(environment).source("test").build()) {
                sdk.startSpan("child");
                assertThat(sdk.flush(LONG)).isTrue();
                assertThat(hub.messages().get(0)).contains("\"tid\":\"t-1\"").contains("\"pid\":\"p-1\"");
                assertThat(hub.hellos().get(0).token()).contains("tok");
                assertThat(sdk.childEnvironment()).containsEntry("MONITORING_TRACE_ID", "t-1")
                        .containsEntry("MONITORING_PARENT_SPAN", sdk.currentSpan().orElseThrow());
            }
        }
    }

    @Test
    void spansNestPerThreadAndAnyThreadMayEndThem() throws InterruptedException {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            String outer = sdk.startSpan("outer");
            String inner = sdk.startSpan("inner");
            Thread other = new Thread(() -> {
                assertThat(sdk.currentSpan()).isEmpty();
                sdk.endSpan(inner);
            });
            other.start();
            other.join();
            assertThat(sdk.currentSpan()).contains(outer);
            try (Span span = sdk.span("third")) {
                assertThat(sdk.currentSpan()).contains(span.id());
                span.tag("rows", 3).status("failed");
            }
            sdk.endSpan(null, "ok");
            assertThat(sdk.currentSpan()).isEmpty();
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(hub.messages()).hasSize(6);
            assertThat(hub.messages().get(1)).contains("\"pid\":\"" + outer + "\"");
            assertThat(hub.messages().get(4)).contains("\"status\":\"failed\"").contains("\"tags\":{\"rows\":3}");
        }
    }

    /** What a process that ends without a word leaves: its own JVM, so that the hook is the real one. */
    @Test
    void theEndOfTheProcessSendsOrSpools() throws IOException, InterruptedException {
        try (FakeHub hub = new FakeHub()) {
            runProgram(hub);
            assertThat(hub.messages()).hasSize(300);
            hub.down();
            runProgram(hub);
            try (Stream<Path> files = Files.list(spool)) {
                assertThat(files.filter(file -> file.toString().endsWith(".ldjson"))).hasSize(1);
            }
            hub.up();
            runProgram(hub);
            Set<String> all = new HashSet<>(hub.messages());
            assertThat(hub.messages()).hasSize(900);
            assertThat(all).hasSize(900);
        }
    }

    private void runProgram(FakeHub hub) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-cp",
                System.getProperty("java.class.path"), Program.class.getName(), Integer.toString(hub.port()), spool.toString())
                .inheritIO().start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
    }

    /** Says something and exits. */
    static final class Program {

        private Program() {
        }

        public static void main(String[] arguments) {
            MonitoringSdk sdk = MonitoringSdk.builder().source("program").host("127.0.0.1").port(Integer.parseInt(arguments[0]))
                    .spoolDirectory(Path.of(arguments[1])).shutdownTimeout(LONG).build();
            for (int i = 0; i < 300; i++) {
                sdk.logEvent("info", "message " + i, Map.of("process", ProcessHandle.current().pid()));
            }
            System.exit(3);
        }
    }
}
