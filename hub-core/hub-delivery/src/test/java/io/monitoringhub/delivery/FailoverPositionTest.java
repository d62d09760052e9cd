package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.UnsteadyBackend.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the members of a failover group hold together, and where each goes on: over switches, restarts and replays. */
class FailoverPositionTest extends FailoverFixture {

    @Test
    void aDestinationWithAPositionOfItsOwnIsNotSentWhatAnotherGot() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        failFirst(first, 10);
        first.trouble = Trouble.NONE;
        first.ownPosition = 10;
        time.jump(HOLD_DOWN);
        bench.lane.supervise();
        Await.until(() -> second.closed == 1, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(30);
        assertThat(one.offsets()).isEqualTo(Stream.concat(Bench.range(0, 10).stream(), Bench.range(20, 30).stream()).toList());
        assertThat(two.offsets()).isEqualTo(Bench.range(10, 20));
    }

    @Test
    void aRestartedHubKnowsWhatEachMemberStored() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        failFirst(first, 10);
        bench.lane.drain(Duration.ZERO);

        Lane restarted = bench.lane(settings("first", "second"), time);
        restarted.attach(FIRST, new KeepingBackend(one));
        bench.messages.append("s", 10);
        Await.until(() -> restarted.status().committed() == 30, restarted::status);
        assertThat(one.offsets()).isEqualTo(Stream.concat(Bench.range(0, 10).stream(), Bench.range(20, 30).stream()).toList());
        assertThat(two.offsets()).isEqualTo(Bench.range(10, 20));
    }

    /** What was written unflushed by one is taken back by its own state, so here even the sum is exact; destinations without one may double. */
    @Test
    void theMembersTogetherHoldEverythingInOrderWhateverFailsWhen() {
        SplittableRandom random = new SplittableRandom(7);
        UnsteadyBackend first = new UnsteadyBackend(one);
        UnsteadyBackend second = new UnsteadyBackend(two);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        for (int round = 0; round < 150; round++) {
            long before = first.failures.get() + second.failures.get();
            UnsteadyBackend some = random.nextBoolean() ? first : second;
            some.trouble = random.nextInt(3) == 0 ? Trouble.TRANSIENT : random.nextInt(4) == 0 ? Trouble.HALF : Trouble.NONE;
            if (random.nextInt(3) == 0) {
                time.jump(HOLD_DOWN);
            }
            bench.lane.supervise();
            bench.messages.append("s", 1 + random.nextInt(20));
            Await.until(() -> bench.lane.status().position() == bench.log.endOffset() || bench.lane.status().state() == LaneState.FAILED
                    || first.failures.get() + second.failures.get() > before + 3, bench::state);
            if (random.nextInt(5) == 0) {
                first.trouble = Trouble.NONE;
                second.trouble = Trouble.NONE;
                bench.lane.retry();
                bench.awaitPosition(bench.log.endOffset());
            }
        }
        first.trouble = Trouble.NONE;
        second.trouble = Trouble.NONE;
        bench.lane.retry();
        bench.awaitCommitted(bench.log.endOffset());

        assertThat(one.offsets()).isSorted();
        assertThat(two.offsets()).isSorted();
        assertThat(Stream.concat(one.offsets().stream(), two.offsets().stream()).sorted().toList())
                .isEqualTo(Bench.range(0, bench.log.endOffset()));
        assertThat(one.size()).isPositive();
        assertThat(two.size()).isPositive();
    }

    @Test
    void aReplayGoesOnAtTheNextMemberAndThenFromWhereTheLaneWas() throws Exception {
        UnsteadyBackend first = new UnsteadyBackend(one);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        bench.messages.append("s", 50);
        bench.messages.append("s", 50);
        bench.awaitCommitted(100);
        first.trouble = Trouble.TRANSIENT;
        bench.lane.replay(20, 60);
        Await.until(() -> two.size() == 40 && bench.committed() == 100, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(110);

        assertThat(one.offsets()).isEqualTo(Bench.range(0, 100));
        List<Long> expected = new ArrayList<>(Bench.range(20, 60));
        expected.addAll(Bench.range(100, 110));
        assertThat(two.offsets()).isEqualTo(expected);
    }

    @Test
    void aNewHubGoesOnWithAGroupsReplay() throws Exception {
        bench.lane.attach(FIRST, new KeepingBackend(one));
        bench.messages.append("s", 100);
        bench.awaitCommitted(100);
        bench.lane.pause();
        bench.lane.replay(20, 60);
        bench.lane.drain(Duration.ZERO);

        Lane next = bench.lane(settings("first", "second"));
        assertThat(next.status().reason()).startsWith("replaying to 60");
        assertThat(next.status().committed()).isEqualTo(20);
        next.attach(FIRST, new KeepingBackend(one));
        Await.until(() -> next.status().committed() == 100, next::status);
        List<Long> expected = new ArrayList<>(Bench.range(0, 100));
        expected.addAll(Bench.range(20, 60));
        assertThat(one.offsets()).isEqualTo(expected);
    }
}
