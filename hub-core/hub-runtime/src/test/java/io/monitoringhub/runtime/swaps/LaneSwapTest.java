package io.monitoringhub.runtime.swaps;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneState;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.SwapReport;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaneSwapTest {

    private static final Instant STOPPED = Instant.parse("2026-11-22T12:00:00Z");
    private static final ComponentId ID = new ComponentId(Kind.BACKEND, "filesystem", "archive");

    private final LaneStatus stopped = lane(100, 100, 100, 0, 0, Optional.empty());

    @Test
    void a_successor_that_begins_where_the_other_ended_has_lost_and_doubled_nothing() {
        LaneSwap swap = between(stopped, lane(180, 150, 180, 0, 0, handover(100, 100)));
        assertThat(swap.lost()).isZero();
        assertThat(swap.doubled()).isZero();
        assertThat(swap.resumedAt()).isEqualTo(100);
        assertThat(swap.written()).isEqualTo(80);
        assertThat(swap.pause()).isEqualTo(Duration.ofMillis(40));
    }

    @Test
    void entries_that_the_successor_delivers_once_more_are_doubled() {
        assertThat(between(lane(100, 90, 100, 0, 0, Optional.empty()), lane(180, 150, 190, 0, 0, handover(90, 90))).doubled()).isEqualTo(10);
    }

    @Test
    void entries_between_the_two_that_the_routes_leave_out_are_not_doubled() {
        assertThat(between(lane(100, 90, 90, 0, 0, Optional.empty()), lane(180, 150, 170, 0, 0, handover(90, 101))).doubled()).isZero();
    }

    @Test
    void entries_that_are_skipped_gone_or_unreadable_are_lost() {
        assertThat(between(stopped, lane(180, 150, 180, 0, 0, handover(103, 103))).lost()).as("skipped").isEqualTo(3);
        assertThat(between(stopped, lane(180, 150, 180, 5, 2, handover(100, 107))).lost()).as("gone, unreadable").isEqualTo(7);
    }

    @Test
    void a_handover_from_before_says_nothing_and_the_lane_stands_where_it_stood() {
        SwapReport old = new SwapReport("archive", ID, ID, 1, 1, 1, STOPPED.minusSeconds(9), STOPPED.minusSeconds(8), Duration.ofSeconds(1));
        LaneSwap swap = LaneSwap.between(stopped, stopped, STOPPED, stopped, lane(120, 120, 100, 0, 0, Optional.of(old)));
        assertThat(swap.firstOffset()).isEmpty();
        assertThat(swap.resumedAt()).isEqualTo(100);
        assertThat(swap.pause()).as("until it was well again").isEqualTo(Duration.ofMillis(70));
        assertThat(swap.lost() + swap.doubled()).isZero();
    }

    private static LaneSwap between(LaneStatus stopped, LaneStatus after) {
        return LaneSwap.between(stopped, stopped, STOPPED, stopped, after);
    }

    private static Optional<SwapReport> handover(long resumedAt, long firstOffset) {
        return Optional.of(new SwapReport("archive", ID, ID, 90, resumedAt, firstOffset, STOPPED.minusMillis(10), STOPPED.plusMillis(30),
                Duration.ofMillis(40)));
    }

    private static LaneStatus lane(long position, long committed, long written, long missing, long unreadable, Optional<SwapReport> swap) {
        return new LaneStatus("archive", LaneState.OK, "", STOPPED.plusMillis(70), Optional.of(ID), position, committed, 200, 0, Duration.ZERO,
                "closed", new LaneStatus.Counters(written, 0, 0, 0, 0, 0, missing, unreadable, 0), Optional.empty(), swap);
    }
}
