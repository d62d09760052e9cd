package io.monitoringhub.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void nothingIsDueAtTheStart() {
        assertThat(new Pacer(1_000, 77).due(77)).isZero();
    }

    @Test
    void unevenStepsAddUpWithoutDrift() {
        Random random = new Random(1);
        long start = -5 * SECOND;
        Pacer pacer = new Pacer(20_000.5, start);
        long sum = 0;
        long now = start;
        while (now < start + 3_600 * SECOND) {
            now = Math.min(start + 3_600 * SECOND, now + random.nextInt(7_000_000));
            sum += pacer.due(now);
        }
        assertThat(sum).isBetween(20_000L * 3_600 + 1_799, 20_000L * 3_600 + 1_800);
    }

    @Test
    void whoComesLateIsGivenWhatWasMissedOnce() {
        Pacer pacer = new Pacer(1_000, 0);
        assertThat(pacer.due(2 * SECOND)).isEqualTo(2_000);
        assertThat(pacer.due(2 * SECOND)).isZero();
        assertThat(pacer.due(SECOND)).as("a clock that went back").isZero();
    }

    @Test
    void lessThanOneMessagePerStepIsKept() {
        Pacer pacer = new Pacer(3, 0);
        long sum = 0;
        for (long now = 0; now <= 10 * SECOND; now += 1_000_000) {
            sum += pacer.due(now);
        }
        assertThat(sum).isEqualTo(30);
    }

    @Test
    void aRateOfZeroIsRefused() {
        assertThatThrownBy(() -> new Pacer(0, 0)).hasMessageContaining("must be above 0");
    }
}
