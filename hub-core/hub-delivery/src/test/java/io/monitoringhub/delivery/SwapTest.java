package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Grace;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances come and go; entries stay in order and come once. */
class SwapTest {

    private final Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

    @Test
    void swapsUnderLoadLoseAndDoubleNothing() throws InterruptedException {
        AtomicBoolean isOver = new AtomicBoolean();
        Thread sender = new Thread(() -> {
            while (!isOver.get()) {
                bench.messages.append("queue-service", 7);
                Thread.yield();
                if (bench.log.endOffset() - bench.lane.status().position() > 100_000) {
                    Await.until(() -> bench.log.endOffset() - bench.lane.status().position() < 1000, bench::state);
                }
            }
        });
        sender.start();
        List<KeepingBackend> all = new ArrayList<>();
        KeepingBackend current = bench.attach();
        for (int i = 0; i < 200; i++) {
            long before = bench.lane.status().position();
            Await.until(() -> bench.lane.status().position() > before, bench::state);
            all.add(current);
            KeepingBackend next = new KeepingBackend(bench.destination);
            assertThat(bench.lane.detach(current).manner()).isEqualTo(Detachment.Manner.FINISHED);
            current = bench.attach(next);
        }
        isOver.set(true);
        sender.join();
        bench.messages.append("the-last-instance-gets-one-too", 1);
        bench.awaitCommitted(bench.log.endOffset());

        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, bench.log.endOffset()));
        assertThat(all).allSatisfy(backend -> {
            assertThat(backend.broken).isEmpty();
            assertThat(backend.closed).isEqualTo(1);
        });
        assertThat(bench.told.swaps).as("swaps").satisfies(swaps -> assertThat(swaps.size()).isEqualTo(200)).allMatch(swap -> swap.committed() == swap.firstOffset());
    }

    @Test
    void aCrashOfTheInstanceRepeatsOnlyWhatWasNotFlushed() {
        bench.messages.append("s", 100);
        KeepingBackend crashing = new KeepingBackend(bench.destination) {
            @Override
            WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
                super.take(batch);
                if (batch.offset(0) >= 100) {
                    throw new OutOfMemoryError("simulated");
                }
                return WriteResult.allWritten();
            }
        };
        bench.attach(crashing);
        bench.awaitCommitted(100);
        bench.messages.append("s", 100);
        bench.awaitState(LaneState.FAILED);
        bench.attach();
        bench.awaitCommitted(200);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 200));
    }

    @Test
    void anInstanceThatIgnoresInterruptsIsAbandonedAndCanDoNoHarmLater() throws InterruptedException {
        bench.messages.append("s", 10);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch returned = new CountDownLatch(1);
        ScriptedBackend stuck = new ScriptedBackend(new KeepingBackend.Destination(), (self, batch) -> {
            awaitWhateverComes(release);
            return self.takeBut(batch, offset -> offset == 3, none -> false);
        }) {
            @Override
            public Commit flush(long next) {
                throw new AssertionError("a zombie must not flush");
            }

            @Override
            public void close() {
                returned.countDown();
            }
        };
        bench.lane.reconfigure(Bench.settings("archive").with(new Grace(Duration.ofMinutes(5), Duration.ofMillis(300), Duration.ofMillis(200))));
        bench.attach(stuck);
        Await.until(() -> !stuck.calls.isEmpty(), bench::state);

        Detachment gone = bench.lane.detach(stuck);
        assertThat(gone.manner()).isEqualTo(Detachment.Manner.ABANDONED);
        assertThat(gone.took()).isGreaterThan(Duration.ofMillis(450));
        assertThat(gone.committed()).isZero();

        bench.lane.reconfigure(Bench.settings("archive"));
        KeepingBackend next = bench.attach();
        bench.awaitCommitted(10);
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);
        LaneStatus before = bench.lane.status();
        release.countDown();
        assertThat(returned.await(60, TimeUnit.SECONDS)).isTrue();
        Await.until(() -> bench.log.openReaders == 1, bench::state);

        assertThat(bench.lane.status()).isEqualTo(before);
        assertThat(bench.letters.all).isEmpty();
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(next.broken).isEmpty();
    }

    private static void awaitWhateverComes(CountDownLatch latch) {
        boolean isOpen = false;
        while (!isOpen) {
            try {
                latch.await();
                isOpen = true;
            } catch (InterruptedException ignoredOnPurpose) {
                // the kind of plugin that this test is about
            }
        }
    }

    @Test
    void aBlockedWriteIsInterruptedAndItsBatchComesAgain() {
        bench.messages.append("s", 10);
        bench.lane.reconfigure(Bench.settings("archive").with(Bench.INTERRUPTING));
        ScriptedBackend blocked = bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> {
            self.takeAll(batch);
            new CountDownLatch(1).await();
            return null;
        }));
        Await.until(() -> !blocked.calls.isEmpty(), bench::state);
        assertThat(bench.lane.detach(blocked).manner()).isEqualTo(Detachment.Manner.INTERRUPTED);
        assertThat(blocked.flushes).as("half of a write must not become durable").isZero();
        bench.attach();
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void attachReturnsAtOnceAndWaitsForTheOldOneToLetGo() {
        bench.messages.append("s", 10);
        CountDownLatch release = new CountDownLatch(1);
        ScriptedBackend slow = bench.attach(new ScriptedBackend(bench.destination, (self, batch) -> {
            awaitWhateverComes(release);
            return self.takeAll(batch);
        }));
        Await.until(() -> !slow.calls.isEmpty(), bench::state);
        KeepingBackend next = bench.attach();
        Thread detaching = new Thread(() -> bench.lane.detach(slow));
        detaching.start();
        bench.awaitState(LaneState.STOPPING);
        assertThat(next.opened).isZero();
        release.countDown();
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 20));
        Await.until(() -> next.opened == 1, bench::state);
    }

    @Test
    void strangersAndRepeatedDetachAreTolerated() {
        KeepingBackend stranger = new KeepingBackend(bench.destination);
        assertThat(bench.lane.detach(stranger).manner()).isEqualTo(Detachment.Manner.UNKNOWN);
        KeepingBackend backend = bench.attach();
        bench.awaitState(LaneState.OK);
        bench.attach(backend);
        assertThat(bench.lane.detach(backend).manner()).isEqualTo(Detachment.Manner.FINISHED);
        assertThat(bench.lane.detach(backend).manner()).isEqualTo(Detachment.Manner.UNKNOWN);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.WAITING);
        assertThat(bench.lane.status().reason()).isEqualTo("waiting for a bundle that provides backend type filesystem");
        assertThat(backend.opened).isEqualTo(1);
    }

    @Test
    void aStopThatComesRightAfterTheOpeningIsNotMissed() {
        for (int i = 0; i < 300; i++) {
            KeepingBackend backend = bench.attach();
            bench.awaitState(LaneState.OK);
            assertThat(bench.lane.detach(backend).manner()).isEqualTo(Detachment.Manner.FINISHED);
        }
    }

    @Test
    void pauseFlushesAndClosesAndResumeGoesOn() {
        bench.messages.append("s", 10);
        KeepingBackend backend = bench.attach();
        bench.awaitPosition(10);
        bench.lane.pause();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.PAUSED);
        assertThat(bench.committed()).isEqualTo(10);
        assertThat(backend.closed).isEqualTo(1);
        bench.messages.append("s", 10);
        assertThat(bench.lane.status().lagEntries()).isEqualTo(10);
        assertThat(bench.lane.status().lagBytes()).isPositive();
        assertThat(bench.lane.status().lag()).isPositive();
        bench.lane.resume();
        bench.awaitCommitted(20);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(bench.lane.status().lag()).isZero();
        assertThat(bench.lane.status().lagBytes()).isZero();
    }

    @Test
    void aFailedLaneIsStillFailedAfterPauseAndResume() {
        KeepingBackend backend = bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException {
                throw new PermanentDeliveryException("wrong password");
            }
        });
        bench.awaitState(LaneState.FAILED);
        bench.lane.pause();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.PAUSED);
        bench.lane.resume();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).isEqualTo("wrong password");
        bench.lane.detach(backend);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.WAITING);
    }

    @Test
    void aSecondInstanceWaitsForItsTurnAndGetsIt() {
        KeepingBackend first = bench.attach();
        KeepingBackend second = bench.attach();
        bench.awaitState(LaneState.OK);
        assertThat(second.opened).isZero();
        bench.lane.detach(first);
        Await.until(() -> second.opened == 1, bench::state);
        bench.messages.append("s", 3);
        bench.awaitCommitted(3);
    }

    @Test
    void theSupervisorFindsACallOverItsTimeLimit() {
        Lane other = bench.lane(Bench.settings("other").with(new Grace(Duration.ofMillis(300), Duration.ofMillis(100), Duration.ofMillis(100))));
        CountDownLatch release = new CountDownLatch(1);
        bench.messages.append("s", 1);
        try (LaneSupervisor supervisor = new LaneSupervisor(() -> List.of(other))) {
            other.attach(Bench.ID, new ScriptedBackend(new KeepingBackend.Destination(), (self, batch) -> {
                awaitWhateverComes(release);
                return null;
            }));
            Await.until(() -> other.status().state() == LaneState.FAILED, other::status);
            assertThat(other.retry()).as("its thread is still in the plugin").isFalse();
            assertThat(supervisor).isNotNull();
        }
        release.countDown();
        Await.until(() -> other.retry() || other.status().position() == 1, other::status);
        Await.until(() -> other.status().position() == 1, other::status);
    }

    @Test
    void replayGivesYesterdayToABackend() throws Exception {
        bench.messages.append("s", 100);
        bench.attach();
        bench.awaitCommitted(100);
        assertThat(bench.lane.replay(40, Long.MAX_VALUE)).isEqualTo(new Replay(40, 100, 100));
        bench.awaitCommitted(100);
        assertThat(bench.destination.offsets().subList(100, 160)).isEqualTo(Bench.range(40, 100));
        assertThat(bench.lane.plan(-5, 70)).isEqualTo(new Replay(0, 70, 100));
        assertThat(bench.lane.plan(Long.MAX_VALUE, Long.MAX_VALUE).entries()).as("skips nothing").isZero();
    }

    @Test
    void theThreadBearsTheComponentsName() {
        ComponentId id = new ComponentId(Kind.BACKEND, "s3", "archive-eu");
        String[] name = new String[1];
        bench.lane.attach(id, new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException {
                name[0] = Thread.currentThread().getName();
                assertThat(context.resolve("data")).isEqualTo(Path.of("/hub/data"));
                assertThat(context.resolve("/data")).isEqualTo(Path.of("/data"));
                throw new PermanentDeliveryException("seen enough");
            }
        });
        bench.awaitState(LaneState.FAILED);
        assertThat(name[0]).isEqualTo("hub-backend-s3-archive-eu");
    }

    @Test
    void aBackendsOwnWordOnItsHealthIsShownUntilTheNextInstance() {
        KeepingBackend unwell = bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException, InterruptedException {
                long start = super.open(context);
                context.health().degraded("certificate ends in 3 days: renew it");
                return start;
            }
        });
        bench.awaitState(LaneState.DEGRADED);
        assertThat(bench.lane.status().reason()).isEqualTo("certificate ends in 3 days: renew it");
        bench.lane.detach(unwell);
        bench.attach();
        bench.awaitState(LaneState.OK);
    }
}
