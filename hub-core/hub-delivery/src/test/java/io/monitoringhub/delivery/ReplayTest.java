package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Start;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replays with an end, what a crash makes of them, and where a new lane begins. */
class ReplayTest {

    private final Bench bench = new Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void afterItsEndTheLaneGoesOnFromWhereItWas() throws Exception {
        bench.messages.append("s", 50);
        bench.messages.append("s", 50);
        KeepingBackend backend = bench.attach();
        bench.awaitCommitted(100);

        assertThat(bench.lane.replay(20, 60)).isEqualTo(new Replay(20, 60, 100));
        Await.until(() -> bench.destination.size() == 140 && bench.committed() == 100, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(110);

        List<Long> expected = new ArrayList<>(Bench.range(0, 100));
        expected.addAll(Bench.range(20, 60));
        expected.addAll(Bench.range(100, 110));
        assertThat(bench.destination.offsets()).isEqualTo(expected);
        assertThat(bench.lane.status().reason()).isEmpty();
        assertThat(backend.broken).isEmpty();
    }

    @Test
    void aNewHubGoesOnWithTheReplayOnceAndThenFromWhereTheLaneWas() throws Exception {
        bench.messages.append("s", 50);
        bench.messages.append("s", 50);
        bench.attach();
        bench.awaitCommitted(100);
        bench.lane.pause();
        bench.lane.replay(20, 60);
        assertThat(bench.lane.status().reason()).startsWith("replaying to 60, 0 %, then on from 100").contains("paused");
        assertThat(bench.committed()).isEqualTo(20);
        bench.lane.drain(Duration.ZERO);

        Lane next = bench.lane(Bench.settings("archive"));
        assertThat(next.status().reason()).startsWith("replaying to 60");
        KeepingBackend dying = new KeepingBackend(bench.destination) {
            @Override
            WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
                if (batch.offset(0) == 50) {
                    throw new PermanentDeliveryException("the process dies here");
                }
                return super.take(batch);
            }
        };
        dying.limits = new BatchLimits(10, 4 << 20, Duration.ZERO, Duration.ofNanos(1));
        next.attach(Bench.ID, dying);
        Await.until(() -> next.status().state() == LaneState.FAILED, next::status);
        next.drain(Duration.ZERO);
        assertThat(next.status().committed()).isEqualTo(50);

        Lane last = bench.lane(Bench.settings("archive"));
        last.attach(Bench.ID, new KeepingBackend(bench.destination));
        Await.until(() -> last.status().committed() == 100, last::status);
        List<Long> expected = new ArrayList<>(Bench.range(0, 100));
        expected.addAll(Bench.range(20, 60));
        assertThat(bench.destination.offsets()).as("even the replay is there once").isEqualTo(expected);
    }

    @Test
    void aReplayDuringAReplayTakesItsPlaceAndKeepsWhereTheLaneWas() throws Exception {
        bench.messages.append("s", 100);
        bench.attach();
        bench.awaitCommitted(100);
        bench.lane.pause();
        bench.lane.replay(10, 20);
        assertThat(bench.lane.replay(90, 95)).isEqualTo(new Replay(90, 95, 100));
        bench.lane.resume();
        Await.until(() -> bench.destination.size() == 105 && bench.committed() == 100, bench::state);
        assertThat(bench.destination.offsets().subList(100, 105)).isEqualTo(Bench.range(90, 95));
    }

    @Test
    void anEndThatCannotBeStoredAtFirstSendsNothingTwice() throws Exception {
        bench.messages.append("s", 100);
        bench.attach();
        bench.awaitCommitted(100);
        bench.lane.pause();
        bench.lane.replay(20, 60);
        bench.log.refusedCommit = 100;
        bench.lane.resume();
        bench.awaitCommitted(100);
        bench.messages.append("s", 1);
        bench.awaitCommitted(101);
        assertThat(bench.log.refusedCommit).as("it was refused once").isNegative();
        List<Long> expected = new ArrayList<>(Bench.range(0, 100));
        expected.addAll(Bench.range(20, 60));
        expected.add(100L);
        assertThat(bench.destination.offsets()).isEqualTo(expected);
    }

    @Test
    void aDestinationThatHoldsEverythingEndsTheReplay() throws Exception {
        bench.messages.append("s", 100);
        bench.attach(new KeepingBackend(bench.destination) {
            @Override
            public long open(BackendContext context) throws DeliveryException, InterruptedException {
                super.open(context);
                return destination.size();
            }
        });
        bench.awaitCommitted(100);
        bench.lane.replay(20, 60);
        bench.awaitState(LaneState.OK);
        bench.awaitCommitted(100);
        bench.messages.append("s", 1);
        bench.awaitCommitted(101);
        assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 101));
        assertThat(bench.lane.status().reason()).isEmpty();
    }

    @Test
    void aCrashBeforeTheMoveBackLeavesTheLaneWhereItWas() throws IOException {
        bench.messages.append("s", 100);
        Cursor stored = bench.log.cursors().open("other", 80);
        ReplayCursor cursor = new ReplayCursor(new Cursor() {
            @Override
            public String name() {
                return stored.name();
            }

            @Override
            public long position() {
                return stored.position();
            }

            @Override
            public byte[] state() {
                return stored.state();
            }

            @Override
            public void commit(long next, byte[] state) throws IOException {
                stored.commit(next, state);
            }

            @Override
            public void move(long next) throws IOException {
                throw new IOException("the process dies here");
            }
        });
        cursor.commit(80, new byte[] {7});
        try {
            cursor.begin(new Replay(20, 60, 80));
        } catch (IOException died) {
            assertThat(cursor.replay()).isEmpty();
        }
        ReplayCursor next = new ReplayCursor(stored);
        assertThat(next.replay()).isEmpty();
        assertThat(next.position()).isEqualTo(80);
        assertThat(next.state()).containsExactly(7);
    }

    @Test
    void aNewLaneBeginsWhereItIsTold() {
        bench.messages.append("s", 10);
        bench.messages.append("s", 10);
        bench.messages.append("s", 10);
        assertThat(begin("latest", Start.NEXT)).isEqualTo(30);
        assertThat(begin("earliest", Start.OLDEST)).isZero();
        assertThat(begin("time", Start.at(Instant.ofEpochMilli(1_001)))).isEqualTo(10);
        assertThat(begin("future", Start.at(Instant.ofEpochMilli(99_999)))).isEqualTo(30);
        assertThat(begin("latest", Start.OLDEST)).as("a lane that is known stays where it is").isEqualTo(30);
    }

    private long begin(String name, Start start) {
        return bench.lane(Bench.settings(name).with(start)).status().committed();
    }
}
