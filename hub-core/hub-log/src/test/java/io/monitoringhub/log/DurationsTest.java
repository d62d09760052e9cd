package io.monitoringhub.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class DurationsTest {

    private final Durations durations = new Durations();

    @Test
    void a_duration_belongs_to_the_first_class_whose_bound_it_does_not_exceed() {
        durations.record(Duration.ofNanos(100_000).toNanos());
        durations.record(Duration.ofNanos(100_001).toNanos());
        durations.record(Duration.ofSeconds(10).toNanos());
        durations.record(Duration.ofHours(1).toNanos());
        assertThat(durations.snapshot().counts()).startsWith(1L, 1L, 0L).endsWith(1L, 1L).hasSize(Durations.BOUNDS.size() + 1);
        assertThat(durations.snapshot().seconds()).isEqualTo(3610.000_200_001);
    }

    @Test
    void a_clock_that_went_back_counts_as_no_time() {
        durations.record(-5);
        assertThat(durations.snapshot().counts().get(0)).isEqualTo(1);
        assertThat(durations.snapshot().seconds()).isZero();
    }

    @Test
    void bounds_rise() {
        assertThat(Durations.BOUNDS).isSorted().doesNotHaveDuplicates();
        assertThat(Durations.Snapshot.NONE.counts()).isEqualTo(Collections.nCopies(Durations.BOUNDS.size() + 1, 0L));
    }
}
