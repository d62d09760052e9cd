package io.monitoringhub.correlation;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CorrelatorTest {

    private static final long T = 1_697_821_234_000L;

    private final FakeLog log = new FakeLog();
    private Correlator correlator;

    @AfterEach
    void close() {
        correlator.close();
    }

    @Test
    void followsTheLogFromSpansToJobs() {
        Sample.append(log, List.of(Sample.opens("queue", T, "t", "1", "", "take"), Sample.event("queue", T + 1, "t", Level.ERROR)));
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 2);

        Sample.append(log, List.of(Sample.metric("queue", T + 2, "t"), Sample.progress("worker", T + 3, "t", "j", 40, "running"),
                new Sample(MessageType.HEARTBEAT, "queue", T, null, false, "{}"), Sample.event("queue", T, "", Level.INFO)));
        Sample.append(log, List.of(Sample.closes("queue", T + 9, "t", "1", "ok")));
        awaitStatus(status -> status.position() == 7);

        Trace trace = correlator.trace("t").orElseThrow();
        assertThat(trace.status()).isEqualTo(Trace.Status.OK);
        assertThat(trace.messages()).isEqualTo(new Trace.Messages(1, 1, 1, 2, 1));
        assertThat(trace.incomplete()).isFalse();
        assertThat(correlator.traceOfJob("j")).contains(trace);
        assertThat(correlator.jobsOf("t")).isEqualTo(correlator.jobs(5)).hasSize(1);
        CorrelatorStatus status = correlator.status();
        assertThat(status.condition()).isEqualTo("ok");
        assertThat(status.seenEntries()).isEqualTo(7);
        assertThat(status.parsedEntries()).isEqualTo(5);
        assertThat(status.lagEntries()).isZero();
    }

    @Test
    void aMergedSpanChangesNothing() {
        Sample.append(log, List.of(Sample.opens("queue", T, "t", "1", "", "take"), Sample.closes("queue", T + 9, "t", "1", "ok")));
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 2);
        Trace before = correlator.trace("t").orElseThrow();

        Sample.append(log, List.of(Sample.span("other", T + 20, "t", "1", "", "{\"merged\":true,\"name\":\"x\",\"start\":1,\"end\":2}")));
        awaitStatus(status -> status.position() == 3);

        assertThat(correlator.trace("t")).contains(before);
    }

    @Test
    void beginsInTheMiddleOfAFrame() {
        Sample.append(log, List.of(Sample.event("a", T, "early", Level.INFO), Sample.event("a", T, "late", Level.INFO)));
        begin(1, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 2);

        assertThat(correlator.traces(5)).extracting(TraceSummary::id).containsExactly("late");
    }

    @Test
    void readsOnlyWhatIsDurable() {
        log.holdBack();
        Sample.append(log, List.of(Sample.event("a", T, "t", Level.INFO)));
        begin(0, CorrelatorSettings.defaults());
        assertThat(correlator.status().lagEntries()).isZero();
        assertThat(correlator.trace("t")).isEmpty();

        log.release();
        awaitStatus(status -> status.position() == 1);
        assertThat(correlator.trace("t")).isPresent();
    }

    @Test
    void skipsAheadWhenTooFarBehindAndSaysSo() {
        Sample.append(log, List.of(Sample.opens("a", T, "t", "1", "", "before the flood")));
        begin(0, new CorrelatorSettings(100, 100, 100, 1 << 20, 1_000, 1));
        awaitStatus(status -> status.position() == 1);
        log.holdBack();
        for (int i = 0; i < 50; i++) {
            Sample.append(log, Collections.nCopies(100, Sample.event("a", T, "flood", Level.INFO)));
        }
        log.release();
        awaitStatus(status -> status.position() == 5_001);

        CorrelatorStatus status = correlator.status();
        assertThat(status.skippedEntries()).isEqualTo(5_000 - 250);
        assertThat(status.seenEntries() + status.skippedEntries()).isEqualTo(5_001);
        assertThat(correlator.trace("t").orElseThrow().incomplete()).isTrue();
    }

    @Test
    void stopsCountingMessagesBeforeItSkips() {
        for (int i = 0; i < 7; i++) {
            Sample.append(log, Collections.nCopies(100, Sample.event("a", T, "t", Level.INFO)));
        }
        Sample.append(log, List.of(Sample.opens("a", T, "t", "1", "", "still seen")));
        begin(0, new CorrelatorSettings(100, 100, 100, 1 << 20, 1_000, 1));
        awaitStatus(status -> status.position() == 701);

        CorrelatorStatus status = correlator.status();
        assertThat(status.uncountedEntries()).isEqualTo(700);
        assertThat(status.skippedEntries()).isZero();
        assertThat(correlator.trace("t").orElseThrow().spans()).hasSize(1);
    }

    @Test
    void entriesThatAreGoneAreCountedAsMissing() {
        for (int i = 0; i < 3; i++) {
            Sample.append(log, List.of(Sample.event("a", T, "t" + i, Level.INFO)));
        }
        log.dropBefore(2);
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 3);

        assertThat(correlator.status().missingEntries()).isEqualTo(2);
    }

    @Test
    void survivesFramesAndMessagesThatItCannotRead() {
        log.addPayload(ByteBuffer.wrap(new byte[] {9, 9, 9}), 5);
        log.addPayload(ByteBuffer.allocate(0), 1);
        Sample.append(log, List.of(new Sample(MessageType.SPAN, "a", T, null, true, "{\"tid\":"),
                new Sample(MessageType.SPAN, "a", T, null, true, "[]"), new Sample(MessageType.EVENT, "a", T, Level.INFO, true, ""),
                Sample.event("a", T, "t", Level.INFO)));
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 10);

        assertThat(correlator.status().unreadableFrames()).isEqualTo(2);
        assertThat(correlator.status().malformedEntries()).isEqualTo(3);
        assertThat(correlator.trace("t")).isPresent();
    }

    @Test
    void goesOnWhenTheLogCanBeReadAgain() {
        Sample.append(log, List.of(Sample.event("a", T, "t", Level.INFO)));
        log.failNextReads(1);
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 1);

        assertThat(correlator.status().condition()).isEqualTo("ok");
    }

    @Test
    void aBugThatEndsTheThreadShowsInTheStatus() {
        log.breakReads();
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.condition().startsWith("ended by a bug"));

        assertThat(correlator.status().condition()).contains("log is closed");
    }

    @Test
    void canBeAskedWhileItFollows() {
        begin(0, CorrelatorSettings.defaults());
        for (int i = 0; i < 200; i++) {
            Sample.append(log, List.of(Sample.opens("a", T + i, "t", "s" + i, "", "work"), Sample.closes("a", T + i, "t", "s" + i, "ok"),
                    Sample.progress("a", T + i, "t", "j", i / 2.0, "running")));
            correlator.trace("t").ifPresent(trace -> assertThat(trace.spans()).isSortedAccordingTo(Comparator.comparing(Span::id,
                    Comparator.comparingInt(id -> Integer.parseInt(id.substring(1))))));
            assertThat(correlator.traces(3)).hasSizeLessThan(2);
        }
        awaitStatus(status -> status.position() == 600);

        assertThat(correlator.trace("t").orElseThrow().spans()).hasSize(200).noneMatch(Span::isOpen);
        assertThat(correlator.job("j").orElseThrow().percent()).isEqualTo(99.5);
    }

    @Test
    void theThreadEndsOnCloseAndWhatIsKnownStays() {
        Sample.append(log, List.of(Sample.event("a", T, "t", Level.INFO)));
        begin(0, CorrelatorSettings.defaults());
        awaitStatus(status -> status.position() == 1);
        assertThat(threads()).isEqualTo(1);

        correlator.close();
        correlator.close();

        assertThat(threads()).isZero();
        assertThat(correlator.trace("t")).isPresent();
        assertThat(correlator.status().condition()).isEqualTo("closed");
    }

    private void begin(long from, CorrelatorSettings settings) {
        correlator = new Correlator(log, from, settings, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        correlator.start();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals(Correlator.THREAD_NAME)).count();
    }

    private void awaitStatus(Predicate<CorrelatorStatus> condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.test(correlator.status())) {
            assertThat(System.nanoTime()).as(() -> correlator.status().toString()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
