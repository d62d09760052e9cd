package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Retry;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What bit our peers; numbers as in the list of goals. */
class BugClassTest {

    private Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    @Test
    void class01_theProgressMarkIsPerLaneAndPerEntry() {
        bench.messages.append("s", 100);
        KeepingBackend.Destination otherDestination = new KeepingBackend.Destination();
        Lane other = bench.lane(Bench.settings("other"));
        other.attach(Bench.ID, new ScriptedBackend(otherDestination, (self, batch) -> self.takeBut(batch, no -> false, offset -> offset >= 37),
                (self, batch) -> {
                    throw new TransientDeliveryException("busy", null, Duration.ofHours(1));
                }));
        bench.attach();
        bench.awaitCommitted(100);
        Await.until(() -> other.status().state() == LaneState.DEGRADED, other::status);

        assertThat(other.status().position()).isEqualTo(37);
        other.drain(Duration.ZERO);
        assertThat(other.status().committed()).isEqualTo(37);
        assertThat(otherDestination.offsets()).isEqualTo(Bench.range(0, 37));
        assertThat(bench.committed()).isEqualTo(100);
    }

    @Test
    void class02_drainingNeverAdvancesACursorWithoutASuccess() {
        bench.messages.append("s", 100);
        bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> {
            throw new TransientDeliveryException("connection refused", null, Duration.ofHours(1));
        }));
        bench.awaitState(LaneState.DEGRADED);
        Detachment drained = bench.lane.drain(Duration.ofMillis(100));

        assertThat(drained.committed()).isZero();
        assertThat(drained.position()).isZero();
        assertThat(bench.destination.size()).isZero();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.CLOSED);
    }

    @Test
    void class02_drainingDeliversWhatIsThereAndCommitsIt() {
        bench.messages.append("s", 50_000);
        KeepingBackend backend = new KeepingBackend(bench.destination);
        backend.limits = new BatchLimits(100, 65_536, Duration.ZERO, Duration.ofHours(1));
        bench.attach(backend);
        Detachment drained = bench.lane.drain(Duration.ofMinutes(1));

        assertThat(drained.manner()).isEqualTo(Detachment.Manner.FINISHED);
        assertThat(drained.committed()).isEqualTo(50_000);
        assertThat(bench.destination.size()).isEqualTo(50_000);
        assertThat(backend.closed).isEqualTo(1);
    }

    @Test
    void class02_aFlushThatFailsAtTheEndLeavesTheCursorWhereItWas() {
        bench.messages.append("s", 10);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public Commit flush(long next) throws DeliveryException {
                throw new TransientDeliveryException("disk full", null);
            }
        });
        bench.awaitPosition(10);
        assertThat(bench.lane.drain(Duration.ofMillis(50)).committed()).isZero();
    }

    @Test
    void class06and10_entriesWithoutARouteLetTheCursorPass() {
        bench.lane.routes(RouteTable.of(List.of(RouteRule.to("wanted", "archive"))));
        KeepingBackend backend = bench.attach();
        bench.messages.append("nobody-wants-this", 1000);
        bench.awaitCommitted(1000);
        assertThat(backend.writes).isZero();
        assertThat(backend.flushes).isZero();

        bench.lane.detach(backend);
        bench.messages.append("nobody-wants-this", 1000);
        bench.messages.append("wanted", 1);
        bench.attach();
        bench.awaitCommitted(2001);
        assertThat(bench.destination.offsets()).containsExactly(2000L);
    }

    @Test
    void class10_anUnroutedBacklogDoesNotHoldUpASwap() {
        bench.lane.routes(RouteTable.of(List.of()));
        bench.messages.append("s", 100_000);
        KeepingBackend old = bench.attach();
        assertThat(bench.lane.detach(old).manner()).isEqualTo(Detachment.Manner.FINISHED);
        bench.attach();
        bench.awaitCommitted(100_000);
        assertThat(bench.destination.size()).isZero();
    }

    @Test
    void class11_aDeadDestinationDoesNotBlockASwapOrAStop() {
        bench.close();
        bench = new Bench();
        bench.messages.append("s", 10);
        KeepingBackend dead = bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> {
            throw new TransientDeliveryException("connection refused", null, Duration.ofHours(1));
        }));
        bench.awaitState(LaneState.DEGRADED);
        Detachment gone = bench.lane.detach(dead);
        assertThat(gone.manner()).as("without an interrupt").isEqualTo(Detachment.Manner.FINISHED);

        bench.lane.reconfigure(Bench.settings("archive").with(Bench.INTERRUPTING));
        ScriptedBackend silent = bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> {
            new CountDownLatch(1).await();
            return null;
        }));
        Await.until(() -> !silent.calls.isEmpty(), bench::state);
        Detachment drained = bench.lane.drain(Duration.ofMillis(100));
        assertThat(drained.manner()).isEqualTo(Detachment.Manner.INTERRUPTED);
        assertThat(drained.committed()).isZero();
    }

    @Test
    void class11_aDestinationThatNeverOpensDoesNotBlockAStop() {
        bench.close();
        bench = new Bench(Bench.settings("archive").with(new Retry(Duration.ofHours(1), Duration.ofHours(1), 1, 1)));
        bench.messages.append("s", 10);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException {
                throw new TransientDeliveryException("no route to host", null);
            }
        });
        Await.until(() -> bench.lane.status().breaker().equals("open"), bench::state);
        assertThat(bench.lane.drain(Duration.ofHours(1)).took()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void class12_theLastEntryIsDeliveredByItself() {
        bench.attach();
        bench.awaitState(LaneState.OK);
        bench.messages.append("s", 1);
        bench.awaitCommitted(1);
        assertThat(bench.destination.offsets()).containsExactly(0L);
    }

    @Test
    void class12_lingeringEndsByItself() {
        KeepingBackend backend = new KeepingBackend(bench.destination);
        backend.limits = new BatchLimits(1000, 65_536, Duration.ofMillis(200), Duration.ofMillis(10));
        bench.attach(backend);
        bench.awaitState(LaneState.OK);
        bench.messages.append("s", 1);
        bench.messages.append("s", 1);
        bench.awaitCommitted(2);
        assertThat(bench.destination.offsets()).containsExactly(0L, 1L);
        assertThat(backend.broken).isEmpty();
    }

    @Test
    void class13_whatIsNotDeliveredIsCountedWithAReason() {
        bench.messages.append("s", 10);
        bench.messages.append("s", 10);
        bench.log.append(ByteBuffer.wrap(new byte[] {9, 9, 9}), 5, 0);
        bench.messages.append("s", 10);
        bench.log.lose(10);
        bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> self.takeBut(batch, offset -> offset == 1, no -> false)));
        bench.awaitCommitted(35);

        LaneStatus.Counters counters = bench.lane.status().counters();
        assertThat(counters.rejectedEntries()).isEqualTo(1);
        assertThat(counters.missingEntries()).isEqualTo(10);
        assertThat(counters.unreadableEntries()).isEqualTo(5);
        assertThat(counters.writtenEntries()).isEqualTo(19);
        assertThat(bench.destination.offsets()).hasSize(19).doesNotContain(1L, 10L, 20L);
    }

    @Test
    void class13_entriesThatRetentionTookAreMissingNotForgotten() {
        bench.messages.append("s", 10);
        bench.messages.append("s", 10);
        bench.log.truncate(10);
        bench.attach();
        bench.awaitCommitted(20);
        assertThat(bench.lane.status().counters().missingEntries()).isEqualTo(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(10, 20));
    }

    @Test
    void class14_oneBadRowNeitherBlocksNorResendsTheGoodOnes() {
        bench.messages.append("s", 1000);
        ScriptedBackend backend = bench.attach(new ScriptedBackend(bench.destination,
                (self, batch) -> self.takeBut(batch, offset -> offset == 500, no -> false)));
        bench.awaitCommitted(1000);
        assertThat(backend.calls).hasSize(1);
        assertThat(bench.destination.offsets()).hasSize(999).doesNotContain(500L);
        assertThat(bench.letters.offsets()).containsExactly(500L);
    }

    @Test
    void class17_theSizeOfABacklogDoesNotDecideMemory() {
        for (int i = 0; i < 500; i++) {
            bench.messages.append("s", 1000);
        }
        KeepingBackend backend = new KeepingBackend(bench.destination);
        backend.limits = new BatchLimits(100_000, 256 << 10, Duration.ZERO, Duration.ofMillis(20));
        bench.attach(backend);
        bench.awaitCommitted(500_000);
        assertThat(bench.log.maxReadBytes).isLessThanOrEqualTo(256 << 10);
        assertThat(bench.destination.size()).isEqualTo(500_000);
        assertThat(backend.broken).isEmpty();
    }

    @Test
    void class18_aFailedLaneSaysWhyAndWhatToDo() {
        bench.messages.append("s", 10);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            WriteResult take(Batch batch) {
                throw new ExceptionInInitializerError("driver");
            }
        });
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).contains("driver").contains("Replace the bundle or retry the lane");
    }

    @Test
    void aSlowLaneDoesNotDelayAnother() {
        Lane other = bench.lane(Bench.settings("other"));
        CountDownLatch release = new CountDownLatch(1);
        ScriptedBackend slow = new ScriptedBackend(new KeepingBackend.Destination(), (self, batch) -> {
            release.await();
            return self.takeAll(batch);
        });
        bench.messages.append("s", 10);
        other.attach(Bench.ID, slow);
        Await.until(() -> !slow.calls.isEmpty(), other::status);
        bench.attach();
        bench.messages.append("s", 1000);
        bench.awaitCommitted(1010);
        assertThat(other.status().position()).isZero();
        release.countDown();
        Await.until(() -> other.status().committed() == 1010, other::status);
    }

    @Test
    void aChangedRouteHoldsForEverythingNotYetRead() {
        bench.messages.append("a", MessageType.EVENT, Level.INFO.ordinal(), 10);
        bench.attach();
        bench.awaitCommitted(10);
        bench.lane.routes(RouteTable.of(List.of(RouteRule.to("b", "archive"))));
        bench.messages.appendMixed(10, new String[] {"a", "b"}, MessageType.EVENT, 1);
        bench.awaitCommitted(20);
        assertThat(bench.destination.offsets().subList(10, 15)).containsExactly(11L, 13L, 15L, 17L, 19L);
        assertThat(bench.destination.size()).isEqualTo(15);
    }
}
