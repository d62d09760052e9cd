package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.UnsteadyBackend.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A lane with a failover group: who has the turn, and when it changes. */
class FailoverTest extends FailoverFixture {

    @Test
    void theFirstByPriorityDeliversWhoeverCameFirst() {
        bench.messages.append("s", 10);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.WAITING);
        assertThat(bench.lane.status().reason()).contains("first").contains("filesystem");
        bench.lane.attach(FIRST, new KeepingBackend(one));
        bench.awaitCommitted(10);
        assertThat(one.offsets()).isEqualTo(Bench.range(0, 10));
        assertThat(two.size()).isZero();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
    }

    @Test
    void aPermanentFailureHandsOverAndIsNotTriedAgainByItself() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        first.trouble = Trouble.PERMANENT;
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        for (int i = 0; i < 50; i++) {
            time.jump(HOLD_DOWN);
            bench.lane.supervise();
        }
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);

        assertThat(two.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(first.opened).isEqualTo(1);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.DEGRADED);
        assertThat(bench.lane.status().reason()).isEqualTo("second delivers, because first has failed: no such bucket");
        assertThat(bench.lane.status().backend()).contains(SECOND);
    }

    @Test
    void anOpenBreakerHandsOverFromTheCommittedPosition() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        first.trouble = Trouble.TRANSIENT;
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);

        assertThat(one.offsets()).isEqualTo(Bench.range(0, 10));
        assertThat(two.offsets()).isEqualTo(Bench.range(10, 20));
        assertThat(first.failures.get()).as("as many as open the breaker").isEqualTo(3);
    }

    @Test
    void aMissingBundleHandsOverAfterTheGraceAndNotBefore() {
        bench.messages.append("s", 10);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        time.jump(MISSING_AFTER.dividedBy(2));
        bench.lane.supervise();
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.WAITING);
        time.jump(MISSING_AFTER);
        bench.lane.supervise();
        bench.awaitCommitted(10);
        assertThat(two.offsets()).isEqualTo(Bench.range(0, 10));
        assertThat(bench.lane.status().reason()).isEqualTo("second delivers, because first is not there");
    }

    @Test
    void aSwapWithinTheGraceSwitchesNothing() {
        KeepingBackend old = new KeepingBackend(one);
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(FIRST, old);
        bench.lane.attach(SECOND, second);
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        bench.lane.detach(old);
        bench.messages.append("s", 10);
        bench.lane.supervise();
        bench.lane.attach(FIRST, new KeepingBackend(one));
        bench.awaitCommitted(20);
        assertThat(one.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(second.opened).isZero();
    }

    @Test
    void goesBackAfterTheHoldDownAndNotBefore() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        failFirst(first, 10);
        first.trouble = Trouble.NONE;
        time.jump(HOLD_DOWN.dividedBy(2));
        bench.lane.supervise();
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);
        assertThat(two.size()).isEqualTo(20);

        time.jump(HOLD_DOWN);
        bench.lane.supervise();
        Await.until(() -> second.closed == 1, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(30);
        assertThat(one.offsets()).isEqualTo(Bench.range(20, 30));
        assertThat(two.offsets()).isEqualTo(Bench.range(0, 20));
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
    }

    @Test
    void aProbeThatFailsIsOneCallAndComesEverMoreSeldom() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, new KeepingBackend(two));
        failFirst(first, 1);
        long end = 1;
        List<Integer> probedAt = new ArrayList<>();
        for (int hour = 0; hour < 200; hour += 2) {
            long before = first.failures.get();
            bench.messages.append("s", 1);
            time.jump(HOLD_DOWN);
            bench.lane.supervise();
            bench.awaitCommitted(++end);
            long tried = first.failures.get() - before;
            assertThat(tried).isLessThanOrEqualTo(1);
            if (tried == 1) {
                probedAt.add(hour / 2);
            }
        }
        assertThat(probedAt.size()).as("hold-downs 1, 2, 4, 8, 16, 16, ... and what a race adds: %s", probedAt).isBetween(4, 12);
        assertThat(two.offsets()).isEqualTo(Bench.range(0, end));
        assertThat(one.size()).isZero();
    }

    @Test
    void aProbeThatHangsIsInterrupted() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        bench.lane.attach(FIRST, first);
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(SECOND, second);
        failFirst(first, 1);
        first.trouble = Trouble.HANGS;
        time.jump(HOLD_DOWN);
        bench.lane.supervise();
        Await.until(() -> first.hanging.getCount() == 0, bench::state);
        bench.messages.append("s", 1);
        bench.lane.supervise();
        assertThat(bench.committed()).isEqualTo(1);
        time.jump(Duration.ofSeconds(11));
        bench.lane.supervise();
        bench.awaitCommitted(2);
        assertThat(two.offsets()).isEqualTo(Bench.range(0, 2));
    }

    @Test
    void retryIsATryAtOnce() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        first.trouble = Trouble.PERMANENT;
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        first.trouble = Trouble.NONE;
        assertThat(bench.lane.retry()).isTrue();
        Await.until(() -> second.closed == 1, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);
        assertThat(one.offsets()).isEqualTo(Bench.range(10, 20));
    }

    @Test
    void aNewInstanceOfAFailedMemberHasItsTurnAfterTheHoldDown() {
        UnsteadyBackend broken = new UnsteadyBackend(one);
        broken.trouble = Trouble.PERMANENT;
        KeepingBackend second = new KeepingBackend(two);
        bench.lane.attach(FIRST, broken);
        bench.lane.attach(SECOND, second);
        bench.messages.append("s", 10);
        bench.awaitCommitted(10);
        bench.lane.detach(broken);
        bench.lane.attach(FIRST, new KeepingBackend(one));
        bench.lane.supervise();
        assertThat(bench.lane.status().backend()).contains(SECOND);
        time.jump(HOLD_DOWN);
        bench.lane.supervise();
        Await.until(() -> second.closed == 1, bench::state);
        bench.messages.append("s", 10);
        bench.awaitCommitted(20);
        assertThat(one.offsets()).isEqualTo(Bench.range(10, 20));
    }

    @Test
    void otherSettingsTryAgainWhatFailedAndCanTurnThePrioritiesRound() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        first.trouble = Trouble.PERMANENT;
        UnsteadyBackend second = new UnsteadyBackend(two);
        second.trouble = Trouble.PERMANENT;
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        bench.awaitState(LaneState.FAILED);
        Await.until(() -> bench.lane.status().reason().contains("second: "), bench::state);
        assertThat(bench.lane.status().reason()).isEqualTo("first: no such bucket; second: no such bucket");

        first.trouble = Trouble.NONE;
        second.trouble = Trouble.NONE;
        bench.messages.append("s", 10);
        bench.lane.reconfigure(settings("second", "first"));
        bench.awaitCommitted(10);
        assertThat(two.offsets()).isEqualTo(Bench.range(0, 10));
        assertThat(first.opened).isEqualTo(1);
    }

    @Test
    void whenAllAreDownTheyTakeTurnsNoFasterThanTheHoldDown() {
        UnsteadyBackend first = new UnsteadyBackend(one);
        UnsteadyBackend second = new UnsteadyBackend(two);
        first.trouble = Trouble.TRANSIENT;
        second.trouble = Trouble.TRANSIENT;
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        bench.messages.append("s", 10);
        Await.until(() -> second.failures.get() > 20, bench::state);
        assertThat(first.failures.get()).isEqualTo(3);
        assertThat(second.opened).isEqualTo(1);
        time.jump(HOLD_DOWN);
        bench.lane.supervise();
        Await.until(() -> first.failures.get() > 20, bench::state);
        first.trouble = Trouble.NONE;
        bench.awaitCommitted(10);
        assertThat(one.offsets()).isEqualTo(Bench.range(0, 10));
    }
}
