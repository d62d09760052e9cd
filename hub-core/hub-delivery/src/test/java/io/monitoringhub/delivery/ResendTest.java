package io.monitoringhub.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters that are delivered once more. */
class ResendTest {

    private final Bench bench = new Bench();
    private final AtomicBoolean removedTooEarly = new AtomicBoolean();
    private volatile LongPredicate refused = offset -> offset % 10 == 3;
    private ScriptedBackend backend;

    @BeforeEach
    void tenLettersOfAHundred() {
        backend = new ScriptedBackend(bench.destination) {
            @Override
            public Commit flush(long next) throws DeliveryException, InterruptedException {
                removedTooEarly.compareAndSet(false, unflushed.stream().anyMatch(offset -> offset < 100 && offset % 10 == 3 && !bench.letters.offsets().contains(offset)));
                return super.flush(next);
            }
        };
        backend.always = (self, batch) -> self.takeBut(batch, refused, offset -> false);
        bench.attach(backend);
        bench.messages.append("s", 60);
        bench.messages.append("s", 40);
        bench.awaitCommitted(100);
        assertThat(bench.letters.offsets()).hasSize(10);
    }

    @AfterEach
    void close() {
        bench.close();
        assertThat(backend.broken).isEmpty();
        assertThat(removedTooEarly).as("a letter left before the flush").isFalse();
    }

    @Test
    void whatIsTakenNowIsNoLetterAnyMore() throws Exception {
        refused = offset -> false;
        assertThat(resend(offset -> true)).isEqualTo(new Resent(10, 0));
        assertThat(bench.letters.offsets()).isEmpty();
        assertThat(bench.destination.offsets()).hasSize(100).containsAll(Bench.range(0, 100));
        assertThat(bench.committed()).isEqualTo(100);

        bench.messages.append("s", 5);
        bench.awaitCommitted(105);
        assertThat(bench.destination.offsets()).hasSize(105);
    }

    @Test
    void onlyTheNamedOneIsSent() throws Exception {
        refused = offset -> false;
        assertThat(resend(offset -> offset == 43)).isEqualTo(new Resent(1, 0));
        assertThat(bench.letters.offsets()).doesNotContain(43L).hasSize(9);
        assertThat(bench.destination.offsets().get(90)).isEqualTo(43);
    }

    @Test
    void whatIsRefusedAgainStaysAsItIs() throws Exception {
        refused = offset -> offset == 13 || offset == 93;
        List<?> before = bench.letters.all.stream().filter(letter -> refused.test(letter.offset())).toList();
        assertThat(resend(offset -> true)).isEqualTo(new Resent(8, 2));
        assertThat(bench.letters.all).isEqualTo(before);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
    }

    @Test
    void aLetterThatMakesNoEntryStays() throws Exception {
        DeadLetter first = bench.letters.all.get(0);
        DeadLetter.Entry entry = first.entry();
        bench.letters.all.set(0, new DeadLetter(first.lane(), first.id(), first.time(), first.reason(), first.detail(),
                new DeadLetter.Entry(entry.source(), entry.type(), entry.level(), entry.timestamp(), entry.receivedAt(), new byte[0])));
        refused = offset -> false;
        assertThat(resend(offset -> true).delivered()).isGreaterThanOrEqualTo(9);
        assertThat(bench.lane.status().state()).isEqualTo(LaneState.OK);
    }

    @Test
    void aDestinationThatIsAwayIsWaitedFor() throws Exception {
        refused = offset -> false;
        for (int i = 0; i < 4; i++) {
            backend.script.add((self, batch) -> {
                throw new TransientDeliveryException("away", null);
            });
        }
        assertThat(resend(offset -> true)).isEqualTo(new Resent(10, 0));
        assertThat(bench.destination.offsets()).hasSize(100);
    }

    @Test
    void aFailureEndsTheOrderAndKeepsTheLetters() throws Exception {
        backend.script.add((self, batch) -> {
            throw new PermanentDeliveryException("no such bucket");
        });
        CompletableFuture<Resent> outcome = bench.lane.resend(offset -> true);
        assertThatThrownBy(() -> outcome.get(60, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class).hasMessageContaining("no such bucket");
        bench.awaitState(LaneState.FAILED);
        assertThat(bench.letters.offsets()).hasSize(10);

        bench.lane.retry();
        bench.awaitState(LaneState.OK);
        bench.messages.append("s", 2);
        bench.awaitCommitted(102);
        assertThat(bench.letters.offsets()).as("the order is not tried again by itself").hasSize(10);
    }

    @Test
    void lettersThatDoNotFitAreFlushedInBetween() throws Exception {
        String blanks = " ".repeat(LaneSettings.Batching.LEAST_BYTES / 3);
        List<DeadLetter> large = bench.letters.all.stream().map(letter -> {
            DeadLetter.Entry entry = letter.entry();
            byte[] message = ("{\"n\":" + letter.offset() + "}" + blanks).getBytes(StandardCharsets.UTF_8);
            return new DeadLetter(letter.lane(), letter.id(), letter.time(), letter.reason(), letter.detail(), new DeadLetter.Entry(entry.source(),
                    entry.type(), entry.level(), entry.timestamp(), entry.receivedAt(), message));
        }).toList();
        bench.letters.all.clear();
        bench.letters.all.addAll(large);
        List<Integer> held = new CopyOnWriteArrayList<>();
        backend.always = (self, batch) -> {
            held.add(self.unflushed.size() + batch.size());
            return self.takeAll(batch);
        };
        bench.lane.reconfigure(Bench.settings("archive").with(new LaneSettings.Batching(LaneSettings.Batching.LEAST_BYTES, Integer.MAX_VALUE,
                LaneSettings.Batching.LEAST_BYTES, Optional.empty(), Optional.of(Duration.ofHours(1)))));

        assertThat(resend(offset -> true)).isEqualTo(new Resent(10, 0));
        assertThat(held).as("letters at the backend, two of which fit").hasSize(5).containsOnly(2);
        assertThat(bench.destination.offsets()).hasSize(100);
        assertThat(bench.letters.offsets()).isEmpty();
    }

    @Test
    void anOrderWaitsForABackend() throws Exception {
        bench.lane.detach(backend);
        refused = offset -> false;
        CompletableFuture<Resent> outcome = bench.lane.resend(offset -> true);
        assertThat(outcome).isNotDone();
        bench.attach(backend);
        assertThat(outcome.get(60, TimeUnit.SECONDS)).isEqualTo(new Resent(10, 0));
    }

    private Resent resend(LongPredicate offsets) throws Exception {
        return bench.lane.resend(offsets).get(60, TimeUnit.SECONDS);
    }
}
