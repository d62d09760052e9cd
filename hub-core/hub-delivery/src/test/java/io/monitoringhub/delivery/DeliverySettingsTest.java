package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Batching;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a person may set for one backend: how much is on the way, and how batches are cut. */
class DeliverySettingsTest {

    private static final int MOST = Batching.LEAST_BYTES;
    private static final BatchLimits SELDOM = new BatchLimits(100_000, 4 << 20, Duration.ZERO, Duration.ofHours(1));

    private Bench bench;

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    @Test
    void aBackendNeverHoldsMoreUnflushedThanItMay() {
        bench = new Bench(Bench.settings("archive").with(new Batching(MOST, 1_000, MOST, Optional.empty(), Optional.empty())));
        Hoarder backend = new Hoarder(bench.destination);
        backend.limits = SELDOM;
        for (int i = 0; i < 100; i++) {
            bench.messages.append("s", 500);
        }
        bench.attach(backend);
        bench.awaitPosition(50_000);
        assertThat(backend.most).isBetween(MOST / 2L, (long) MOST);
        assertThat(backend.flushes).isGreaterThan(5);
        assertThat(backend.largest).isEqualTo(1_000);
    }

    @Test
    void aFlushThatCoversAPartMakesRoomForThatPartOnly() {
        bench = new Bench(Bench.settings("archive").with(new Batching(MOST, 1_000, MOST, Optional.empty(), Optional.of(Duration.ofMillis(5)))));
        Hoarder backend = new Hoarder(bench.destination);
        backend.isLazy = true;
        for (int i = 0; i < 100; i++) {
            bench.messages.append("s", 500);
        }
        bench.attach(backend);
        bench.awaitState(LaneState.DEGRADED);
        assertThat(bench.lane.status().reason()).contains("has not made durable").contains("max_in_flight");
        assertThat(bench.lane.status().position()).isLessThan(50_000);
        backend.isLazy = false;
        bench.awaitCommitted(50_000);
        assertThat(backend.most).isLessThanOrEqualTo(MOST);
        bench.awaitState(LaneState.OK);
    }

    @Test
    void otherSettingsHoldFromTheNextBatchOnAndNothingIsLost() {
        bench = new Bench();
        KeepingBackend backend = bench.attach();
        bench.messages.append("s", 5_000);
        bench.awaitCommitted(5_000);
        assertThat(backend.largest).isGreaterThan(10);
        bench.lane.reconfigure(Bench.settings("archive").with(new Batching(MOST, 10, MOST, Optional.empty(), Optional.empty())));
        backend.largest = 0;
        bench.messages.append("s", 5_000);
        bench.awaitCommitted(10_000);
        assertThat(backend.largest).isEqualTo(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10_000));
    }

    @Test
    void aBackendsOwnLimitsAreHard() {
        bench = new Bench();
        BatchLimits hard = new BatchLimits(100, 1 << 20, Duration.ofMillis(5), Duration.ofSeconds(1));
        assertThat(new Batching(64L << 20, 1_000, 16 << 20, Optional.empty(), Optional.empty()).within(hard)).isEqualTo(hard);
        assertThat(new Batching(MOST, 10, 1 << 20, Optional.of(Duration.ZERO), Optional.of(Duration.ofSeconds(3))).within(hard))
                .isEqualTo(new BatchLimits(10, MOST, Duration.ZERO, Duration.ofSeconds(3)));
    }

    /** Counts what it holds; a lazy one flushes nothing. */
    private static final class Hoarder extends KeepingBackend {
        volatile long most;
        volatile boolean isLazy;
        private long held;

        Hoarder(Destination destination) {
            super(destination);
        }

        @Override
        WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
            held += batch.bytes() - batch.size();
            most = Math.max(most, held);
            return super.take(batch);
        }

        @Override
        public Commit flush(long next) throws DeliveryException, InterruptedException {
            if (isLazy) {
                return new Commit(0, new byte[0]);
            }
            held = 0;
            return super.flush(next);
        }
    }
}
