package io.monitoringhub.sdk;

import static io.monitoringhub.sdk.TestSdk.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.FileInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@EnabledOnOs(OS.LINUX)
class HostUsageTest {

    private static final String[] ALL = {"cpu", "mem", "disk", "net", "threads", "fds", "children", "load1", "load5", "load15"};

    @TempDir
    Path spool;

    private final HostUsage usage = new HostUsage();

    private Map<String, Double> measured() {
        return usage.numbers(null, null, null, null, null, Integer.MAX_VALUE);
    }

    @Test
    void everythingIsMeasuredThatIsLeftOut() {
        assertThat(measured()).containsOnlyKeys(ALL).allSatisfy((name, number) -> assertThat(number).as(name).isNotNegative());
    }

    @Test
    void cpuIsThatOfThisProcessSinceTheLastCallAndTheFirstTimeSinceTheBeginning() {
        for (int i = 0; i < 2; i++) {
            Duration enough = used().plusMillis(300);
            while (used().compareTo(enough) < 0) {
                Thread.onSpinWait();
            }
            assertThat(measured().get("cpu")).isBetween(1.0, 100.0 * Runtime.getRuntime().availableProcessors() + 50);
        }
    }

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    @Test
    void threadsDescriptorsAndChildrenAreCounted() throws Exception {
        Map<String, Double> before = measured();
        List<Closeable> open = new ArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        Process child = new ProcessBuilder("cat").start();
        try {
            for (int i = 0; i < 40; i++) {
                open.add(new FileInputStream("/dev/null"));
                Thread thread = new Thread(() -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }, "waits-" + i);
                thread.start();
            }
            Map<String, Double> now = measured();
            assertThat(now.get("children")).isEqualTo(before.get("children") + 1);
            assertThat(now.get("fds")).isGreaterThan(before.get("fds") + 30);
            assertThat(now.get("threads")).isGreaterThan(before.get("threads") + 30);
            assertThat(usage.numbers(null, null, null, null, null, 10)).as("more threads than may be asked: no number rather than a wrong one")
                    .doesNotContainKey("children").containsKey("threads");
        } finally {
            end.countDown();
            for (Closeable file : open) {
                file.close();
            }
            child.getOutputStream().close();
            child.waitFor();
        }
    }

    @Test
    void whatIsGivenStandsAndFurtherNumbersAreAdded() {
        assertThat(usage.numbers(12.5, 100, 2, 3L, Map.of("gpu", 40), 100)).containsExactlyInAnyOrderEntriesOf(
                Map.of("cpu", 12.5, "mem", 100.0, "disk", 2.0, "net", 3.0, "gpu", 40.0));
        assertThat(usage.numbers(12.5, null, Double.NaN, 3L, Map.of("gpu", Double.NaN), 100)).containsOnlyKeys("cpu", "mem", "disk", "net")
                .containsEntry("cpu", 12.5).allSatisfy((name, number) -> assertThat(number).isFinite());
    }

    @Test
    void allOfItIsSentInOneMessage() {
        try (FakeHub hub = new FakeHub(); MonitoringSdk sdk = TestSdk.builder(hub, spool).build()) {
            sdk.logResource();
            sdk.logResource(1, 2, 3, 4, Map.of("queue \"a\"", 7));
            assertThat(sdk.flush(LONG)).isTrue();
            assertThat(hub.messages().get(0)).contains("\"type\":\"resource\"", "\"cpu\":", "\"mem\":", "\"threads\":", "\"fds\":", "\"load15\":");
            assertThat(hub.messages().get(1)).contains("{\"cpu\":1,\"mem\":2,\"disk\":3,\"net\":4,\"queue \\\"a\\\"\":7}");
            assertThat(hub.refused()).isEmpty();
        }
    }

    @Test
    void atAnIntervalItIsSentUntilClose() {
        try (FakeHub hub = new FakeHub()) {
            MonitoringSdk sdk = TestSdk.builder(hub, spool).resourceInterval(Duration.ofMillis(5)).build();
            hub.await("reports", () -> hub.messages().size() >= 3);
            sdk.close();
            assertThat(hub.messages()).allMatch(line -> line.contains("\"type\":\"resource\"") && line.contains("\"children\":"));
            hub.await("the thread to end", () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("monitoring-sdk-test-resources")));
        }
    }

    @Test
    void theEnvironmentSetsTheInterval() {
        try (FakeHub hub = new FakeHub();
                MonitoringSdk sdk = new SdkBuilder(Map.of("MONITORING_RESOURCE_INTERVAL", "0.01")).source("test").port(hub.port()).spool(false).build()) {
            hub.await("a report", () -> !hub.messages().isEmpty());
            assertThat(sdk.stats().lastError()).isEmpty();
        }
    }
}
