package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Grace;
import io.monitoringhub.delivery.LaneSettings.Suspicion;
import io.monitoringhub.delivery.deadletters.DeadLettersFullException;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One test for each row of the table in docs/delivery.md that is about {@code write}; the others are in {@link OpenAndFlushTest}. */
class OutcomeTableTest {

    private Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    private ScriptedBackend backend(ScriptedBackend.Step... steps) {
        return new ScriptedBackend(bench.destination, steps);
    }

    @Test
    void allWrittenIsFlushedAndCommitted() {
        bench.messages.append("s", 5);
        ScriptedBackend backend = bench.attach(backend());
        bench.awaitCommitted(5);

        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 5));
        assertThat(backend.calls).hasSize(1);
        assertThat(backend.broken).isEmpty();
    }

    @Test
    void someToRetryAreSentAloneAndTheCursorStaysBelowThem() {
        bench.messages.append("s", 10);
        AtomicLong committedMeanwhile = new AtomicLong(-1);
        ScriptedBackend backend = backend((self, batch) -> self.takeBut(batch, none -> false, offset -> offset == 3 || offset == 7),
                (self, batch) -> {
                    committedMeanwhile.set(bench.committed());
                    return self.takeBut(batch, none -> false, offset -> offset == 7);
                });
        bench.attach(backend);
        bench.awaitCommitted(10);

        assertThat(backend.calls).containsExactly(Bench.range(0, 10), List.of(3L, 7L), List.of(7L));
        assertThat(backend.attempts).containsExactly(1, 2, 3);
        assertThat(committedMeanwhile).hasValueLessThanOrEqualTo(3);
        assertThat(bench.destination.offsets()).containsExactlyInAnyOrderElementsOf(Bench.range(0, 10));
        assertThat(bench.lane.status().counters().retriedEntries()).isEqualTo(3);
        assertThat(bench.lane.status().counters().writtenEntries()).isEqualTo(10);
    }

    @Test
    void rejectedEntriesAreDeadLettersBeforeTheCursorPasses() {
        bench.messages.append("s", 10);
        AtomicLong committedAtAppend = new AtomicLong(-1);
        bench.letters.before = () -> committedAtAppend.set(bench.log.cursors().find("archive").orElseThrow().position());
        bench.attach(backend((self, batch) -> self.takeBut(batch, offset -> offset == 4 || offset == 9, none -> false)));
        bench.awaitCommitted(10);

        assertThat(committedAtAppend).hasValue(0);
        assertThat(bench.letters.offsets()).containsExactly(4L, 9L);
        assertThat(new String(bench.letters.all.get(0).entry().message())).isEqualTo("{\"n\":4}");
        assertThat(bench.letters.all.get(0).reason()).isEqualTo("mapping");
        assertThat(bench.destination.size()).isEqualTo(8);
    }

    @Test
    void deadLettersThatCannotBeStoredStopTheLaneAndLoseNothing() {
        bench.messages.append("s", 10);
        bench.letters.failure = new DeadLettersFullException("the dead letters of lane 'archive' are full");
        bench.attach(backend((self, batch) -> self.takeBut(batch, offset -> offset == 4, none -> false),
                (self, batch) -> self.takeBut(batch, offset -> offset == 4, none -> false)));
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.committed()).isLessThanOrEqualTo(4);
        assertThat(bench.lane.status().reason()).contains("full").contains("retry");

        bench.letters.failure = null;
        assertThat(bench.lane.retry()).isTrue();
        bench.awaitCommitted(10);
        assertThat(bench.letters.offsets()).containsExactly(4L);
        assertThat(bench.destination.offsets()).doesNotContain(4L).doesNotHaveDuplicates().hasSize(9);
    }

    @Test
    void transientFailuresAreRetriedForEverWithTheSameBatch() {
        bench.messages.append("s", 10);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> {
            if (self.calls.size() <= 20) {
                throw new TransientDeliveryException("connection refused", null);
            }
            return self.takeAll(batch);
        };
        bench.attach(backend);
        bench.awaitCommitted(10);

        assertThat(backend.calls).hasSize(21).allMatch(Bench.range(0, 10)::equals);
        assertThat(backend.attempts).last().isEqualTo(21);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
        assertThat(bench.told.changes).contains("archive DEGRADED");
        assertThat(bench.lane.status().counters().failures()).isEqualTo(20);
    }

    @Test
    void theDestinationsRetryAfterIsHonouredAndRetryCutsItShort() {
        bench.messages.append("s", 10);
        ScriptedBackend backend = backend((self, batch) -> {
            throw new TransientDeliveryException("429 slow down", null, Duration.ofHours(1));
        });
        bench.attach(backend);
        bench.awaitState(LaneState.DEGRADED);
        assertThat(bench.lane.status().reason()).contains("429 slow down").contains("3600000 ms");
        Await.until(() -> bench.lane.retry() && bench.committed() == 10, bench::state);
    }

    @Test
    void theBreakerOpensAndProbesWithASmallBatch() {
        bench.messages.append("s", 1000);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> {
            if (self.calls.size() <= 3) {
                throw new TransientDeliveryException("timeout", null, self.calls.size() == 3 ? Duration.ofHours(1) : Duration.ZERO);
            }
            return self.takeAll(batch);
        };
        bench.attach(backend);
        Await.until(() -> bench.lane.status().breaker().equals("open"), bench::state);
        Await.until(() -> bench.lane.retry() && bench.committed() == 1000, bench::state);

        assertThat(backend.calls.get(2)).hasSize(1000);
        assertThat(backend.calls.get(3)).isEqualTo(Bench.range(0, 10));
        assertThat(backend.calls.get(4)).isEqualTo(Bench.range(10, 1000));
        assertThat(bench.lane.status().breaker()).isEqualTo("closed");
    }

    @Test
    void permanentFailureStopsTheLaneAndKeepsTheEntries() {
        bench.messages.append("s", 10);
        ScriptedBackend backend = backend((self, batch) -> {
            throw new PermanentDeliveryException("cannot write to bucket 'x' (403): grant s3:PutObject");
        });
        bench.attach(backend);
        bench.awaitState(LaneState.FAILED);

        assertThat(bench.lane.status().reason()).isEqualTo("cannot write to bucket 'x' (403): grant s3:PutObject");
        assertThat(bench.committed()).isZero();
        assertThat(backend.closed).isEqualTo(1);
        bench.lane.retry();
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void aNewInstanceTakesOverAFailedLane() {
        bench.messages.append("s", 10);
        ScriptedBackend bad = bench.attach(backend((self, batch) -> {
            throw new PermanentDeliveryException("wrong password");
        }));
        bench.awaitState(LaneState.FAILED);
        bench.attach();
        bench.awaitCommitted(10);
        assertThat(bench.lane.detach(bad).manner()).isEqualTo(Detachment.Manner.IDLE);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
    }

    @Test
    void aRefusedBatchIsHalvedUntilThePoisonStandsAlone() {
        bench.messages.append("s", 1000);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> {
            if (ScriptedBackend.holds(batch, 700) || ScriptedBackend.holds(batch, 3)) {
                throw new BatchRefusedException("400 bad request", null);
            }
            return self.takeAll(batch);
        };
        bench.attach(backend);
        bench.awaitCommitted(1000);

        assertThat(bench.letters.offsets()).containsExactly(3L, 700L);
        assertThat(bench.letters.all).extracting(letter -> letter.reason()).containsOnly("refused");
        assertThat(bench.destination.offsets()).hasSize(998).isSorted().doesNotHaveDuplicates();
        assertThat(backend.calls).hasSizeLessThan(50);
    }

    @Test
    void theSameUnexpectedExceptionThreeTimesIsTreatedAsPoison() {
        bench.messages.append("s", 100);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> {
            if (ScriptedBackend.holds(batch, 42)) {
                throw new IllegalStateException("surprise");
            }
            return self.takeAll(batch);
        };
        bench.attach(backend);
        bench.awaitCommitted(100);

        assertThat(bench.letters.offsets()).containsExactly(42L);
        assertThat(bench.letters.all.get(0).reason()).isEqualTo("plugin_failure");
        assertThat(backend.calls.subList(0, 3)).allMatch(Bench.range(0, 100)::equals);
        assertThat(bench.destination.offsets()).hasSize(99).doesNotHaveDuplicates();
    }

    @Test
    void anUnexpectedExceptionThatGoesAwayCostsNothing() {
        bench.messages.append("s", 10);
        bench.attach(backend((self, batch) -> {
            throw new NullPointerException();
        }, (self, batch) -> {
            throw new IllegalStateException();
        }, (self, batch) -> null));
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
        assertThat(bench.letters.all).isEmpty();
    }

    @Test
    void aResultThatNamesStrangersIsAnUnexpectedFailure() {
        bench.messages.append("s", 10);
        bench.attach(backend((self, batch) -> new WriteResult(List.of(), List.of(77L))));
        bench.awaitCommitted(10);
        assertThat(bench.lane.status().lastError().orElseThrow().message()).contains("not in the batch");
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void aStormOfRejectionsIsTheBackendsFaultAndTheRestIsKept() {
        bench.close();
        bench = new Bench(Bench.settings("archive").with(new Suspicion(50, 5)));
        bench.messages.append("s", 20);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> self.takeBut(batch, all -> true, none -> false);
        bench.attach(backend);
        bench.awaitCommitted(20);
        bench.messages.append("s", 1000);
        bench.awaitState(LaneState.FAILED);

        assertThat(bench.letters.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(bench.lane.status().reason()).contains("1020 entries in a row were rejected").contains("retry the lane");
        assertThat(bench.committed()).isEqualTo(20);
    }

    @Test
    void aStormOfRefusalsIsTheBackendsFaultAndTheRestIsKept() {
        bench.messages.append("s", 1000);
        ScriptedBackend backend = backend();
        backend.always = (self, batch) -> {
            throw new BatchRefusedException("400", null);
        };
        bench.attach(backend);
        bench.awaitState(LaneState.FAILED);

        assertThat(bench.letters.offsets()).isEqualTo(Bench.range(0, 9));
        assertThat(bench.lane.status().reason()).contains("10 entries in a row were refused one by one");
        bench.awaitCommitted(9);
    }

    @Test
    void aWriteOverItsTimeLimitIsInterruptedAndItsInstanceAbandoned() {
        bench.close();
        bench = new Bench(Bench.settings("archive").with(new Grace(Duration.ofMillis(300), Duration.ofMinutes(1), Duration.ofMinutes(1))));
        bench.messages.append("s", 10);
        CountDownLatch interrupted = new CountDownLatch(1);
        ScriptedBackend silent = bench.attach(backend((self, batch) -> {
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return null;
        }));
        Await.until(() -> !silent.calls.isEmpty(), bench::state);
        Await.until(() -> {
            bench.lane.supervise();
            return bench.lane.status().state() == LaneState.FAILED;
        }, bench::state);

        Await.until(() -> interrupted.getCount() == 0, bench::state);
        assertThat(bench.lane.status().counters().abandonedInstances()).isEqualTo(1);
        assertThat(bench.lane.status().reason()).contains("longer than");
        assertThat(bench.committed()).isZero();
        Await.until(bench.lane::retry, bench::state);
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void codeThatWasTakenAwayFailsTheLaneAndNothingElse() {
        bench.messages.append("s", 10);
        ScriptedBackend backend = bench.attach(backend((self, batch) -> {
            throw new NoClassDefFoundError("io/monitoringhub/s3/Part");
        }));
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.lane.status().reason()).contains("io/monitoringhub/s3/Part").contains("Replace the bundle");
        assertThat(bench.committed()).isZero();

        bench.lane.detach(backend);
        bench.attach();
        bench.awaitCommitted(10);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 10));
    }

    @Test
    void allToRetryAndNoneWrittenCountsAsAFailure() {
        bench.messages.append("s", 4);
        bench.attach(backend((self, batch) -> self.takeBut(batch, none -> false, all -> true)));
        bench.awaitCommitted(4);
        assertThat(bench.lane.status().counters().failures()).isEqualTo(1);
    }
}
