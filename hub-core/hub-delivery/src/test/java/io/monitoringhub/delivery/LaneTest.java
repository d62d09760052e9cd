package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {

    private final Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    @Test
    void deliversWhatIsThereAndWhatComes() {
        bench.messages.append("queue-service", 1000);
        KeepingBackend backend = bench.attach();
        bench.awaitCommitted(1000);
        bench.messages.append("queue-service", 1);
        bench.awaitCommitted(1001);

        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 1001));
        assertThat(backend.broken).isEmpty();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
        assertThat(bench.lane.status().counters().writtenEntries()).isEqualTo(1001);
    }

    @Test
    void theNextInstanceGoesOnWhereTheOldOneStopped() {
        bench.messages.append("queue-service", 10);
        KeepingBackend old = bench.attach();
        bench.awaitPosition(10);
        Detachment gone = bench.lane.detach(old);
        bench.messages.append("queue-service", 10);
        bench.attach();
        bench.awaitCommitted(20);

        assertThat(gone.manner()).isEqualTo(Detachment.Manner.FINISHED);
        assertThat(gone.committed()).isEqualTo(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(bench.told.swaps).singleElement().satisfies(swap -> {
            assertThat(swap.committed()).isEqualTo(10);
            assertThat(swap.firstOffset()).isEqualTo(10);
        });
    }
}
