package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What a destination that replaces whole objects needs from the lane, and that it is enough. */
class StableBoundariesTest {

    private static final RouteTable BOTH = RouteTable.of(List.of(RouteRule.to("*", "archive")));
    private static final RouteTable ONE = RouteTable.of(List.of(RouteRule.to("always", "archive")));

    @Test
    void aStateIsStoredAlsoWhereThePositionStays() {
        try (Bench bench = new Bench()) {
            bench.messages.append("s", 10);
            bench.attach(new KeepingBackend(bench.destination) {
                @Override
                public Commit flush(long next) {
                    return new Commit(0, ("plan " + next).getBytes(StandardCharsets.US_ASCII));
                }
            });
            Await.until(() -> "plan 10".equals(stored(bench)), bench::state);
            assertThat(bench.committed()).isZero();
        }
    }

    @Test
    void noCallComesBeforeTheCommitIsStored() {
        try (Bench bench = new Bench()) {
            Observer backend = new Observer(bench);
            bench.attach(backend);
            for (int i = 0; i < 50; i++) {
                bench.log.cursorFailures = i % 3;
                bench.messages.append("s", 5);
                bench.awaitPosition(5L * (i + 1));
            }
            bench.awaitCommitted(250);
            assertThat(backend.tooEarly).isEmpty();
            assertThat(bench.told.changes).contains("archive DEGRADED");
            assertThat(bench.destination.offsets()).isEqualTo(Bench.range(0, 250));
        }
    }

    @Property(tries = 25)
    void everyEntryIsInOneObjectHoweverOftenItCrashesBetweenPutAndCommit(@ForAll long seed) {
        ObjectBackend.Bucket bucket = new ObjectBackend.Bucket();
        try (Bench bench = crashing(seed, bucket, false)) {
            assertThat(bucket.offsets()).isEqualTo(Bench.range(0, bench.log.endOffset()));
        }
    }

    @Property(tries = 25)
    void andARouteThatChangesInBetweenLeavesNothingTwice(@ForAll long seed) {
        ObjectBackend.Bucket bucket = new ObjectBackend.Bucket();
        try (Bench bench = crashing(seed, bucket, true)) {
            assertThat(bucket.offsets()).doesNotHaveDuplicates();
            List<Long> always = bucket.entries().stream().filter(entry -> entry.source().equals("always")).map(ObjectBackend.Entry::offset).toList();
            assertThat(always).isEqualTo(Bench.range(0, bench.log.endOffset() / 2).stream().map(i -> i * 2).toList());
        }
    }

    @Test
    void aDeadLetterThatIsDeliveredLaterReplacesNoObject() throws Exception {
        ObjectBackend.Bucket bucket = new ObjectBackend.Bucket();
        try (Bench bench = new Bench()) {
            List<Long> refused = new CopyOnWriteArrayList<>(List.of(0L, 3L));
            bench.lane.attach(Bench.ID, new ObjectBackend(bucket) {
                @Override
                public WriteResult write(Batch batch) throws DeliveryException, InterruptedException {
                    List<WriteResult.Rejection> rejections = new ArrayList<>();
                    for (int i = 0; i < batch.size(); i++) {
                        if (refused.contains(batch.offset(i))) {
                            rejections.add(new WriteResult.Rejection(batch.offset(i), "mapping", "not now"));
                        }
                    }
                    return rejections.isEmpty() ? super.write(batch) : new WriteResult(rejections, remaining(batch, refused));
                }
            });
            bench.messages.append("s", 4);
            bench.awaitCommitted(4);
            assertThat(bucket.offsets()).isEqualTo(Bench.range(1, 3));
            refused.clear();
            assertThat(bench.lane.resend(offset -> true).get()).isEqualTo(new Resent(2, 0));
            assertThat(bucket.offsets()).isEqualTo(Bench.range(0, 4));
        }
    }

    private static List<Long> remaining(Batch batch, List<Long> without) {
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            if (!without.contains(batch.offset(i))) {
                offsets.add(batch.offset(i));
            }
        }
        return offsets;
    }

    /** Sends and crashes, until all is committed. */
    private static Bench crashing(long seed, ObjectBackend.Bucket bucket, boolean withRoutes) {
        SplittableRandom random = new SplittableRandom(seed);
        Bench bench = new Bench();
        bench.lane.routes(BOTH);
        Crashing backend = new Crashing(bucket, random);
        bench.lane.attach(Bench.ID, backend);
        for (int round = 0; round < 12; round++) {
            bench.messages.appendMixed(2 * (1 + random.nextInt(40)), new String[] {"always", "sometimes"}, MessageType.EVENT, 1);
            if (withRoutes) {
                bench.lane.routes(random.nextBoolean() ? BOTH : ONE);
            }
            int before = backend.crashes;
            Await.until(() -> retried(bench) && backend.crashes < before || bench.committed() == bench.log.endOffset(), bench::state);
        }
        assertThat(backend.crashes).as("crashes that are left").isLessThan(40);
        backend.crashes = 0;
        long end = bench.log.endOffset();
        Await.until(() -> retried(bench) && bench.committed() == end, bench::state);
        return bench;
    }

    private static boolean retried(Bench bench) {
        return bench.lane.status().state() != LaneState.FAILED || bench.lane.retry();
    }

    private static String stored(Bench bench) {
        return bench.log.cursors().find("archive").map(cursor -> new String(new TypedCursor(cursor, Bench.ID.type()).state(), StandardCharsets.US_ASCII))
                .orElse("");
    }

    /** Ends a stretch by chance, so never twice at the same place unless it was planned, and dies by chance after each put. */
    private static final class Crashing extends ObjectBackend {
        private final SplittableRandom random;
        volatile int crashes = 40;

        private Crashing(Bucket bucket, SplittableRandom random) {
            super(bucket);
            this.random = random;
        }

        @Override
        boolean isDue() {
            return random.nextInt(3) == 0;
        }

        @Override
        void afterPut() throws DeliveryException {
            if (crashes > 0 && random.nextBoolean()) {
                crashes--;
                throw new PermanentDeliveryException("crashed");
            }
        }
    }

    /** Looks at each call whether the commit before it is stored. */
    private static final class Observer extends KeepingBackend {
        private final Bench bench;
        private final List<String> tooEarly = new CopyOnWriteArrayList<>();
        private String returned = "";

        private Observer(Bench bench) {
            super(bench.destination);
            this.bench = bench;
        }

        private void look(String call) {
            if (!returned.equals(stored(bench))) {
                tooEarly.add(call + ": '" + returned + "' was returned, '" + stored(bench) + "' is stored");
            }
        }

        @Override
        WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
            look("write");
            return super.take(batch);
        }

        @Override
        public Commit flush(long next) throws DeliveryException, InterruptedException {
            look("flush");
            Commit commit = super.flush(next);
            returned = new String(commit.state(), StandardCharsets.US_ASCII);
            return commit;
        }
    }
}
