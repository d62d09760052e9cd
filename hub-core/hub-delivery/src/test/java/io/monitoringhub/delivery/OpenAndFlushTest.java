package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One test for each row of the table in docs/delivery.md that is about {@code open}, {@code flush} and positions. */
class OpenAndFlushTest {

    private final Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void theCursorFollowsWhatTheBackendCallsSafeAndNeverMore() {
        bench.messages.append("s", 10);
        AtomicLong safe = new AtomicLong(4);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public Commit flush(long next) {
                return Commit.upTo(safe.get());
            }
        });
        bench.awaitCommitted(4);
        assertThat(bench.lane.status().position()).isEqualTo(10);
        safe.set(3);
        bench.messages.append("s", 1);
        bench.awaitPosition(11);
        assertThat(bench.committed()).isEqualTo(4);
        safe.set(1_000_000);
        bench.awaitCommitted(11);
    }

    @Test
    void openIsRetriedWhileTheDestinationIsDown() {
        bench.messages.append("s", 10);
        KeepingBackend backend = bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException, InterruptedException {
                if (closed < 10) {
                    throw new TransientDeliveryException("connection refused: localhost:5432", null);
                }
                return super.open(context);
            }
        });
        bench.awaitCommitted(10);
        assertThat(backend.closed).isEqualTo(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void openThatFailsPermanentlyOrUnexpectedlyFailsTheLane() {
        KeepingBackend unexpected = bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) {
                throw new IllegalArgumentException("batch.max.entries: 'abc' is no number");
            }
        });
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).contains("'abc' is no number");
        bench.lane.detach(unexpected);
        bench.awaitState(LaneState.WAITING);

        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException {
                throw new PermanentDeliveryException("url is missing; password is missing");
            }
        });
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).isEqualTo("url is missing; password is missing");
    }

    @Test
    void aFlushThatFailsIsRepeatedAndTheCursorWaits() {
        bench.messages.append("s", 10);
        AtomicLong committedMeanwhile = new AtomicLong(-1);
        bench.attach(new KeepingBackend(bench.destination) {
            private int failures;

            @Override
            public Commit flush(long next) throws DeliveryException, InterruptedException {
                committedMeanwhile.set(bench.committed());
                if (failures++ < 5) {
                    throw new TransientDeliveryException("no space left on device", null);
                }
                return super.flush(next);
            }
        });
        bench.awaitCommitted(10);
        assertThat(committedMeanwhile).hasValue(0);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void aFlushThatKeepsFailingUnexpectedlyFailsTheLane() {
        bench.messages.append("s", 10);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public Commit flush(long next) {
                throw new IllegalStateException("surprise");
            }
        });
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).contains("flush() failed 3 times").contains("surprise");
        assertThat(bench.committed()).isZero();
    }

    @Test
    void aCursorThatCannotBeStoredIsTriedAgain() {
        bench.log.cursorFailures = 3;
        bench.messages.append("s", 10);
        bench.attach();
        bench.awaitCommitted(10);
        assertThat(bench.told.changes).contains("archive DEGRADED");
        assertThat(bench.lane.status().lastError().orElseThrow().message()).contains("no space left on device");
    }

    @Test
    void theDestinationsOwnPositionWins() {
        bench.messages.append("s", 10);
        bench.attach(ahead(6));
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(6, 10));
    }

    @Test
    void aDestinationThatLostEntriesGetsThemAgain() {
        bench.messages.append("s", 10);
        KeepingBackend first = bench.attach();
        bench.awaitCommitted(10);
        bench.lane.detach(first);
        bench.attach(ahead(4));
        Await.until(() -> bench.destination.size() == 16, bench::state);
        assertThat(bench.destination.offsets().subList(10, 16)).isEqualTo(Bench.range(4, 10));
        bench.awaitCommitted(10);
    }

    @Test
    void aDestinationThatIsAheadOfTheLogFailsTheLane() {
        bench.messages.append("s", 10);
        bench.attach(ahead(11));
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).contains("filled from another log").contains("ends at 10");
        assertThat(bench.committed()).isZero();
    }

    private KeepingBackend ahead(long wanted) {
        return new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException, InterruptedException {
                super.open(context);
                return wanted;
            }
        };
    }
}
