package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Batching;
import io.monitoringhub.delivery.LaneSettings.Grace;
import io.monitoringhub.delivery.LaneSettings.Group;
import io.monitoringhub.delivery.LaneSettings.Member;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lane with a failover group: who has the turn, when it changes, and that the members together hold everything. */
class FailoverTest {

    private static final ComponentId FIRST = id("first");
    private static final ComponentId SECOND = id("second");
    private static final Duration MISSING_AFTER = Duration.ofHours(1);
    private static final Duration HOLD_DOWN = Duration.ofHours(2);
    /** No jump in time makes a call last too long. */
    private static final Grace PATIENT = new Grace(Duration.ofDays(1000), Bench.SHORT.stop(), Bench.SHORT.interrupt());

    private final JumpingTime time = new JumpingTime();
    private final Bench bench = new Bench(settings("first", "second"), time);
    private final KeepingBackend.Destination one = new KeepingBackend.Destination();
    private final KeepingBackend.Destination two = new KeepingBackend.Destination();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(bench.log.openReaders).isZero();
    }

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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady broken = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
        first.trouble = Trouble.PERMANENT;
        Unsteady second = new Unsteady(two);
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
        Unsteady first = new Unsteady(one);
        Unsteady second = new Unsteady(two);
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

    @Test
    void aDestinationWithAPositionOfItsOwnIsNotSentWhatAnotherGot() {
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
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
        Unsteady first = new Unsteady(one);
        Unsteady second = new Unsteady(two);
        bench.lane.attach(FIRST, first);
        bench.lane.attach(SECOND, second);
        for (int round = 0; round < 150; round++) {
            long before = first.failures.get() + second.failures.get();
            Unsteady some = random.nextBoolean() ? first : second;
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
        Unsteady first = new Unsteady(one);
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

    private void failFirst(Unsteady first, int entries) {
        first.trouble = Trouble.TRANSIENT;
        bench.messages.append("s", entries);
        bench.awaitCommitted(bench.log.endOffset());
        assertThat(bench.lane.status().backend()).contains(SECOND);
    }

    private static LaneSettings settings(String... members) {
        List<Member> all = Stream.of(members).map(name -> new Member(name, "filesystem", Bench.QUICK, Batching.DEFAULT)).toList();
        return Bench.settings("archive").with(PATIENT).with(new Group(all, MISSING_AFTER, HOLD_DOWN));
    }

    private static ComponentId id(String name) {
        return new ComponentId(Kind.BACKEND, "filesystem", name);
    }

    private enum Trouble { NONE, TRANSIENT, PERMANENT, HALF, HANGS }

    /** In trouble as long as a test says so. */
    private static final class Unsteady extends KeepingBackend {
        final AtomicLong failures = new AtomicLong();
        final CountDownLatch hanging = new CountDownLatch(1);
        volatile Trouble trouble = Trouble.NONE;
        volatile long ownPosition = -1;

        Unsteady(Destination destination) {
            super(destination);
        }

        @Override
        public long open(BackendContext context) throws DeliveryException, InterruptedException {
            if (trouble == Trouble.PERMANENT) {
                opened++;
                throw new PermanentDeliveryException("no such bucket");
            }
            if (trouble == Trouble.HANGS) {
                hanging.countDown();
                new CountDownLatch(1).await();
            }
            long committed = super.open(context);
            return ownPosition < 0 ? committed : ownPosition;
        }

        @Override
        WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
            Trouble now = trouble;
            if (now == Trouble.TRANSIENT) {
                failures.incrementAndGet();
                throw new TransientDeliveryException("the server is down", null);
            }
            super.take(batch);
            if (now == Trouble.HALF) {
                throw new PermanentDeliveryException("broke off within a batch");
            }
            return WriteResult.allWritten();
        }
    }
}
