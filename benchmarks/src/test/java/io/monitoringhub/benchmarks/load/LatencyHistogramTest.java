package io.monitoringhub.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void percentilesAreAtMostThreePercentTooHigh() {
        LatencyHistogram histogram = new LatencyHistogram();
        for (int i = 1; i <= 1_000_000; i++) {
            histogram.add(i * 1_000L);
        }
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
            assertThat((double) histogram.nanosAt(share)).isGreaterThanOrEqualTo(share * 1e9).isCloseTo(share * 1e9, withPercentage(3.2));
        }
        assertThat(histogram.maxNanos()).isEqualTo(1_000_000_000L);
        assertThat(histogram.nanosAt(1)).isEqualTo(1_000_000_000L);
    }

    @Test
    void extremesHaveABucket() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.add(Long.MAX_VALUE);
        histogram.add(-5);
        histogram.add(31, 2);
        assertThat(histogram.nanosAt(0.25)).isZero();
        assertThat(histogram.nanosAt(0.75)).isEqualTo(31);
        assertThat(histogram.nanosAt(1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void histogramsAddUp() {
        LatencyHistogram one = new LatencyHistogram();
        LatencyHistogram other = new LatencyHistogram();
        one.add(10);
        other.add(20);
        one.add(other);
        assertThat(one.total()).isEqualTo(2);
        assertThat(one.maxNanos()).isEqualTo(20);
        assertThat(new LatencyHistogram().nanosAt(0.5)).isZero();
    }

    @Test
    void sentBlocksAreTimedInOrderWhileTheRingGrowsAndTurns() {
        SentBlocks blocks = new SentBlocks();
        LatencyHistogram latencies = new LatencyHistogram();
        int acked = 0;
        for (int sent = 1; sent <= 5_000; sent++) {
            blocks.add(sent, sent);
            if (sent % 3 == 0) {
                acked++;
                blocks.acknowledge(acked, acked + 7, latencies);
            }
        }
        assertThat(latencies.total()).isEqualTo(acked);
        assertThat(latencies.maxNanos()).isEqualTo(7);
        assertThat(latencies.nanosAt(0)).isEqualTo(7);
    }
}
