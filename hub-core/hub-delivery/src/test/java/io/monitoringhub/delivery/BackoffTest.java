package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration BASE = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofSeconds(30);

    @Property
    void staysBelowTheDoublingLimitAndTheMaximum(@ForAll long seed, @ForAll @IntRange(min = 1, max = 1_000_000) int failures) {
        long pause = new Backoff(BASE, MAX, new SplittableRandom(seed)).pauseNanos(failures, Duration.ZERO);
        double limit = Math.min(MAX.toNanos(), BASE.toNanos() * Math.pow(2, failures - 1.0));
        assertThat((double) pause).isBetween(0.0, limit);
    }

    @Property
    void isNeverShorterThanTheDestinationAsked(@ForAll long seed, @ForAll @IntRange(min = 1, max = 100) int failures) {
        assertThat(new Backoff(BASE, MAX, new SplittableRandom(seed)).pauseNanos(failures, Duration.ofMinutes(5)))
                .isGreaterThanOrEqualTo(Duration.ofMinutes(5).toNanos());
    }

    @Test
    void isSpreadOverTheWholeRange() {
        Backoff backoff = new Backoff(BASE, MAX, new SplittableRandom(1));
        long low = 0;
        for (int i = 0; i < 10_000; i++) {
            low += backoff.pauseNanos(9, Duration.ZERO) < Duration.ofMillis(12_800).toNanos() ? 1 : 0;
        }
        assertThat(low).isBetween(4_700L, 5_300L);
    }
}
