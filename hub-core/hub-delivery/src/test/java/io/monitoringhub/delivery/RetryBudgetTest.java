package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Retry;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A destination that takes something now and then is sent little twice, and everything in the end. */
class RetryBudgetTest {

    private static final String SLOWED_DOWN = "half dead .* [1-9]\\d\\d+ ms\\)";
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND);
    private final RetryBudget budget = new RetryBudget(20, now::get);

    @Test
    void aReserveAllowsForABadMoment() {
        for (int i = 0; i < 10; i++) {
            budget.spend(1);
            assertThat(budget.waitNanos()).isZero();
        }
        assertThat(budget.isShort()).isFalse();
        budget.spend(1);
        assertThat(budget.isShort()).isTrue();
        assertThat(budget.waitNanos()).isEqualTo(SECOND);
    }

    @Test
    void fiveCallsThatAreTakenEarnOneRepetition() {
        exhaust();
        for (int i = 0; i < 5; i++) {
            assertThat(budget.waitNanos()).isPositive();
            budget.earn(1);
        }
        assertThat(budget.waitNanos()).isZero();
    }

    @Test
    void oneRepetitionASecondIsAlwaysAllowed() {
        exhaust();
        now.addAndGet(SECOND / 2);
        assertThat(budget.waitNanos()).isEqualTo(SECOND / 2);
        now.addAndGet(SECOND / 2);
        assertThat(budget.waitNanos()).isZero();
    }

    @Test
    void itIsShortUntilHalfOfTheReserveIsBack() {
        exhaust();
        now.addAndGet(5 * SECOND);
        assertThat(budget.isShort()).isTrue();
        now.addAndGet(2 * SECOND);
        assertThat(budget.isShort()).isFalse();
    }

    @Test
    void aDestinationThatTakesAPartOfEachBatchIsSentNoMoreThanItsBudget() {
        try (Bench bench = new Bench(Bench.settings("archive").with(new Retry(Duration.ofMillis(1), Duration.ofHours(1), 5, 10, 20)))) {
            ScriptedBackend backend = new ScriptedBackend(bench.destination);
            AtomicInteger unhindered = new AtomicInteger();
            backend.always = (self, batch) -> {
                if (bench.lane.status().state() != LaneState.DEGRADED) {
                    unhindered.incrementAndGet();
                }
                return self.takeBut(batch, none -> false, offset -> offset > batch.offset(0));
            };
            bench.messages.append("s", 100);
            bench.attach(backend);
            bench.awaitState(LaneState.DEGRADED);
            assertThat(bench.lane.status().reason()).contains("asked to send").contains("20 %").contains("retry.budget");
            assertThat(unhindered).as("calls for the reserve, and what was earned").hasValueBetween(10, 13);

            backend.always = ScriptedBackend::takeAll;
            bench.awaitCommitted(100);
            assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 100));
            bench.awaitState(LaneState.OK);
        }
    }

    @Test
    void aDestinationThatFailsEveryOtherTimeIsSlowedDownAndGetsEverything() {
        JumpingTime time = new JumpingTime();
        try (Bench bench = new Bench(Bench.settings("archive").with(new Retry(Duration.ZERO, Duration.ofHours(1), 5, 10, 20)), time)) {
            ScriptedBackend backend = new ScriptedBackend(bench.destination);
            backend.limits = new BatchLimits(1, 65_536, Duration.ZERO, Duration.ofMillis(5));
            AtomicInteger calls = new AtomicInteger();
            backend.always = (self, batch) -> {
                if (self.calls.size() % 2 == 1) {
                    throw new TransientDeliveryException("half dead", null);
                }
                if (bench.lane.status().reason().matches(SLOWED_DOWN)) {
                    calls.compareAndSet(0, self.calls.size() - 1);
                }
                return self.takeAll(batch);
            };
            bench.messages.append("s", 40);
            bench.attach(backend);
            Await.until(() -> bench.lane.status().reason().matches(SLOWED_DOWN), bench::state);
            Await.until(() -> calls.get() > 0, bench::state);
            assertThat(calls).as("20 to 30 calls spend the reserve").hasValueBetween(20, 30);
            Await.until(() -> bench.lane.retry() && bench.committed() == 40, bench::state);
            assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 40));
        }
    }

    @Test
    void noPauseIsLongerThanTheLongestThatIsConfigured() {
        try (Bench bench = new Bench(Bench.settings("archive").with(new Retry(Duration.ZERO, Duration.ofMillis(1), 5, 10, 0)))) {
            ScriptedBackend backend = new ScriptedBackend(bench.destination);
            backend.always = (self, batch) -> self.takeBut(batch, none -> false, offset -> offset > batch.offset(0));
            bench.messages.append("s", 500);
            bench.attach(backend);
            bench.awaitCommitted(500);
            assertThat(backend.calls).hasSize(500);
        }
    }

    private void exhaust() {
        for (int i = 0; i < 11; i++) {
            budget.spend(1);
        }
    }
}
