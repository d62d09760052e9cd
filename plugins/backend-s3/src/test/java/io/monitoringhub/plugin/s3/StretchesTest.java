package io.monitoringhub.plugin.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.testkit.TestClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StretchesTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final Stretches.Rules RULES = new Stretches.Rules(1_000, 60_000, "lake", Compression.NONE);

    @TempDir
    private Path folder;
    private final TestClock clock = new TestClock(NOW);

    private Stretches from(long position, byte[] state) {
        return new Stretches(RULES, folder, clock, position, Plan.parse(state, position));
    }

    private static void take(Stretches stretches, long offset, String stem, int length) throws IOException {
        stretches.take(offset, stem, ByteBuffer.wrap(String.format("%" + length + "d", offset).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void entries_wait_until_they_are_old_enough() throws Exception {
        ObjectMap bucket = new ObjectMap();
        try (Stretches stretches = from(5, new byte[0])) {
            take(stretches, 5, "a{offsets}", 10);
            assertThat(stretches.flush(6, bucket)).isEqualTo(Commit.upTo(5));
            clock.advance(Duration.ofSeconds(60));
            Commit planned = stretches.flush(8, bucket);
            assertThat(planned.next()).isEqualTo(5);
            assertThat(bucket.keys()).isEmpty();
            assertThat(stretches.flush(8, bucket)).isEqualTo(Commit.upTo(8));
            assertThat(bucket.keys()).containsExactly("alake-0000000000000000005-0000000000000000008.jsonl");
        }
    }

    @Test
    void a_stretch_ends_before_it_is_too_large_and_the_next_one_follows_without_waiting() throws Exception {
        ObjectMap bucket = new ObjectMap();
        try (Stretches stretches = from(0, new byte[0])) {
            for (int i = 0; i < 25; i++) {
                take(stretches, i, "{offsets}", 99);
            }
            List<Long> positions = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                positions.add(stretches.flush(25, bucket).next());
            }
            assertThat(positions).containsExactly(0L, 10L, 20L, 20L);
            assertThat(bucket.keys()).hasSize(2);
        }
    }

    @Test
    void a_stretch_ends_before_its_plan_is_too_large_for_the_state() throws Exception {
        ObjectMap bucket = new ObjectMap();
        Stretches.Rules large = new Stretches.Rules(1 << 30, 0, "lake", Compression.NONE);
        try (Stretches stretches = new Stretches(large, folder, clock, 0, Optional.empty())) {
            for (int i = 0; i < 2_000; i++) {
                take(stretches, i, "x".repeat(100) + i + "{offsets}", 5);
            }
            int flushes = 0;
            while (stretches.flush(2_000, bucket).next() < 2_000) {
                flushes++;
            }
            assertThat(flushes).isBetween(5, 10);
            assertThat(bucket.keys()).hasSize(2_000);
        }
    }

    @Test
    void a_clock_that_is_set_back_does_not_hold_entries_back() throws Exception {
        ObjectMap bucket = new ObjectMap();
        try (Stretches stretches = from(0, new byte[0])) {
            take(stretches, 0, "{offsets}", 10);
            clock.advance(Duration.ofDays(-1_000));
            stretches.flush(1, bucket);
            assertThat(stretches.flush(1, bucket).next()).isOne();
        }
    }

    @Test
    void a_batch_that_comes_again_because_it_failed_half_way_is_taken_once() throws Exception {
        ObjectMap bucket = new ObjectMap();
        try (Stretches stretches = from(0, new byte[0])) {
            take(stretches, 0, "{offsets}", 3);
            take(stretches, 1, "{offsets}", 3);
            clock.advance(Duration.ofHours(1));
            assertThat(stretches.flush(1, bucket)).as("what is not settled yet is in no plan").isEqualTo(Commit.upTo(0));
            take(stretches, 0, "{offsets}", 3);
            take(stretches, 1, "{offsets}", 3);
            take(stretches, 2, "{offsets}", 3);
            stretches.flush(3, bucket);
            stretches.flush(3, bucket);
            assertThat(bucket.offsets()).containsExactly(0L, 1L, 2L);
        }
    }

    @Test
    void plans_are_read_back_and_those_of_another_position_are_void() {
        Plan plan = new Plan(5, 9, "lake-5-9", Set.of("a b/{offsets}", "c{offsets}"));
        assertThat(Plan.parse(plan.encoded(), 5)).hasValue(plan);
        assertThat(Plan.parse(plan.encoded(), 8)).hasValue(plan);
        assertThat(Plan.parse(plan.encoded(), 9)).isEmpty();
        assertThat(Plan.parse(plan.encoded(), 4)).isEmpty();
        assertThat(Plan.parse("fs1 a b c".getBytes(StandardCharsets.UTF_8), 5)).isEmpty();
        assertThat(Plan.parse(new byte[0], 5)).isEmpty();
    }
}
