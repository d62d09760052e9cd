package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.delivery.LaneSettings.Retry;
import io.monitoringhub.delivery.LaneSettings.Suspicion;
import io.monitoringhub.delivery.routing.RouteRule;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Batch;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a backend does: each selected entry ends written exactly once or as a dead letter, and no cursor passes one that is neither. */
class LaneModelTest {

    private static final Retry AT_ONCE = new Retry(Duration.ZERO, Duration.ZERO, 3, 5);
    private static final Suspicion TRUSTING = new Suspicion(1_000_000, 1_000_000);

    @Property(tries = 150)
    void everySelectedEntryIsWrittenOnceOrADeadLetter(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Bench bench = new Bench(Bench.settings("archive").with(AT_ONCE).with(TRUSTING))) {
            bench.lane.routes(RouteTable.of(List.of(RouteRule.to("wanted", "archive"))));
            int frames = 1 + random.nextInt(20);
            for (int i = 0; i < frames; i++) {
                bench.messages.appendMixed(1 + random.nextInt(200), new String[] {"wanted", "other", "wanted"}, MessageType.EVENT, 1);
            }
            Moody backend = new Moody(bench, random);
            bench.attach(backend);
            long end = bench.log.endOffset();
            Await.until(() -> {
                backend.checkCursor();
                if (bench.lane.status().state() == LaneState.FAILED) {
                    bench.lane.retry();
                }
                return bench.committed() == end;
            }, bench::state);
            backend.checkCursor();

            List<Long> delivered = LongStream.concat(bench.destination.offsets().stream().mapToLong(Long::longValue),
                    bench.letters.offsets().stream().mapToLong(Long::longValue)).sorted().distinct().boxed().toList();
            List<Long> wanted = LongStream.range(0, end).filter(bench.messages::isWanted).boxed().toList();
            assertThat(delivered).isEqualTo(wanted);
            assertThat(bench.destination.offsets()).doesNotHaveDuplicates();
            assertThat(backend.broken).isEmpty();
        }
    }

    /** Does anything that the SPI allows, except to hold some entries back and keep others behind them across a crash. */
    private static final class Moody extends KeepingBackend {

        private final Bench bench;
        private final SplittableRandom random;
        private int bad = 200;

        private Moody(Bench bench, SplittableRandom random) {
            super(bench.destination);
            this.bench = bench;
            this.random = random;
            limits = new BatchLimits(1 + random.nextInt(300), 65_536, Duration.ZERO, Duration.ofNanos(1 + random.nextInt(2_000_000)));
        }

        /** Everything selected below the cursor is durable at the destination, or a dead letter. */
        void checkCursor() {
            long committed = bench.committed();
            List<Long> durable = bench.destination.offsets();
            List<Long> dead = bench.letters.offsets();
            long known = LongStream.concat(durable.stream().mapToLong(Long::longValue), dead.stream().mapToLong(Long::longValue))
                    .filter(offset -> offset < committed).distinct().count();
            long due = LongStream.range(0, committed).filter(bench.messages::isWanted).count();
            must(known == due, "cursor at " + committed + ", but only " + known + " of " + due + " entries below it are settled");
        }

        @Override
        WriteResult take(Batch batch) throws DeliveryException, InterruptedException {
            int mood = bad-- > 0 ? random.nextInt(10) : 9;
            switch (mood) {
                case 0 -> throw new TransientDeliveryException("later", null);
                case 1 -> throw new BatchRefusedException("somebody in there", null);
                case 2 -> throw new IllegalStateException("surprise");
                case 3 -> throw new PermanentDeliveryException("never");
                case 4 -> throw new NoClassDefFoundError("gone");
                case 5, 6 -> {
                    return takeSome(batch);
                }
                default -> {
                    return super.take(batch);
                }
            }
        }

        private WriteResult takeSome(Batch batch) {
            List<WriteResult.Rejection> rejected = new ArrayList<>();
            int taken = random.nextInt(batch.size() + 1);
            for (int i = 0; i < taken; i++) {
                if (random.nextInt(10) == 0) {
                    rejected.add(new WriteResult.Rejection(batch.offset(i), "mapping", "no"));
                } else {
                    unflushed.add(batch.offset(i));
                }
            }
            List<Long> retry = LongStream.range(taken, batch.size()).map(i -> batch.offset((int) i)).boxed().toList();
            return new WriteResult(rejected, retry);
        }
    }
}
