package io.monitoringhub.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.MessageType;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every backend must do, whatever its destination: extend it, say how to make a backend and how to read back what the destination
 * holds, and run it. Each test starts with an empty destination.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
public abstract class BackendContract {

    /** The log that the batches of this suite come from. */
    protected static final String LOG = "5f0c6d1e-contract";

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    private static final int MOST_FLUSHES = 100;
    private static final Set<String> THREADS_OF_THE_JVM = Set.of("Common-Cleaner", "process reaper", "Attach Listener", "Cleaner-0");

    /** The hub's data folder for one test. */
    @TempDir
    protected Path home;

    private final TestClock clock = new TestClock(NOW);
    private final List<Backend> made = new ArrayList<>();

    /** A new backend, not opened, always for the same destination within one test. */
    protected abstract Backend newBackend();

    /** The messages that the destination holds, as text without newline, in the destination's order. */
    protected abstract List<String> stored() throws Exception;

    /** The type of the backend. */
    protected abstract String type();

    /** Tells whether the destination holds an entry once even if it was written twice. Override where it does not claim so. */
    protected boolean isExactlyOnce() {
        return true;
    }

    /** The clock that contexts carry: 2026-11-22 09:30 UTC until moved. */
    protected final TestClock clock() {
        return clock;
    }

    /** The time that the suite's messages were received at. */
    protected final long now() {
        return clock.millis();
    }

    /** What a lane that never committed hands to {@code open}. */
    protected final TestBackendContext fresh() {
        return TestBackendContext.fresh(id(), LOG, home, (Clock) clock);
    }

    /** Who the backend is. */
    protected final ComponentId id() {
        return new ComponentId(Kind.BACKEND, type(), "contract");
    }

    @AfterEach
    void closeAll() {
        made.forEach(Backend::close);
    }

    @Test
    void holds_all_entries_in_order_after_a_flush() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        TestBatch first = batch(0, 500);
        TestBatch second = batch(500, 700);
        assertThat(backend.write(first).isAllWritten()).isTrue();
        assertThat(backend.write(second).isAllWritten()).isTrue();
        flush(backend, second.next());
        backend.close();
        assertThat(stored()).containsExactlyElementsOf(texts(first, second));
    }

    @Test
    void holds_entries_whose_offsets_have_gaps() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        long[] offsets = IntStream.range(0, 300).mapToLong(i -> i * 3L + i % 2).toArray();
        TestBatch batch = TestBatch.of(LOG, offsets, batch(0, 300).messages());
        assertThat(backend.write(batch).isAllWritten()).isTrue();
        flush(backend, batch.next());
        backend.close();
        assertThat(stored()).containsExactlyElementsOf(texts(batch));
    }

    @Test
    void never_says_more_is_safe_than_was_asked() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        assertThat(backend.flush(0).next()).isZero();
        TestBatch batch = batch(0, 20);
        backend.write(batch);
        flush(backend, 20);
        assertThat(backend.flush(20).next()).isEqualTo(20);
        assertThat(backend.flush(25).next()).isBetween(20L, 25L);
    }

    @Test
    void a_commit_that_was_lost_doubles_nothing() throws Exception {
        Assumptions.assumeTrue(isExactlyOnce(), "this backend does not claim exactly once");
        Backend backend = make();
        backend.open(fresh());
        TestBatch kept = batch(0, 50);
        backend.write(kept);
        Commit stored = last(flush(backend, kept.next()));
        TestBatch lost = batch(50, 50);
        backend.write(lost);
        flush(backend, lost.next());
        backend.close();

        Backend next = make();
        assertThat(next.open(fresh().after(stored))).isBetween(kept.next(), lost.next());
        next.write(lost.again());
        flush(next, lost.next());
        next.close();
        assertThat(stored()).containsExactlyElementsOf(texts(kept, lost));
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 35, 1})
    void a_stretch_that_comes_again_in_other_batches_is_there_once(int entries) throws Exception {
        Assumptions.assumeTrue(isExactlyOnce(), "this backend does not claim exactly once");
        Backend backend = make();
        backend.open(fresh());
        TestBatch kept = batch(0, 40);
        backend.write(kept);
        TestBackendContext stored = fresh().after(last(flush(backend, kept.next())));
        TestBatch lost = batch(40, entries);
        backend.write(lost);
        List<Commit> commits = flush(backend, lost.next());
        for (Commit commit : commits.subList(0, commits.size() - 1)) {
            stored = stored.after(commit);
        }

        Backend next = make();
        long from = next.open(stored);
        assertThat(from).isBetween(kept.next(), lost.next());
        for (long at = from; at < 100; at += 7) {
            TestBatch again = batch(at, (int) Math.min(7, 100 - at));
            next.write(again);
            next.flush(again.next());
        }
        flush(next, 100);
        next.close();
        assertThat(stored()).containsExactlyElementsOf(texts(batch(0, 100)));
    }

    @Test
    void entries_that_were_not_flushed_before_a_crash_come_again_once() throws Exception {
        Assumptions.assumeTrue(isExactlyOnce(), "this backend does not claim exactly once");
        Backend backend = make();
        backend.open(fresh());
        TestBatch batch = batch(0, 80);
        backend.write(batch);

        Backend next = make();
        assertThat(next.open(fresh())).isBetween(0L, batch.next());
        next.write(batch(0, 30).again());
        next.write(TestBatch.of(LOG, 30, batch.messages().subList(30, 80)));
        flush(next, batch.next());
        next.close();
        assertThat(stored()).containsExactlyElementsOf(texts(batch));
    }

    @Test
    void keeps_nothing_of_the_batch_when_write_has_returned() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        TestBatch batch = batch(0, 200);
        List<String> expected = texts(batch);
        backend.write(batch);
        batch.overwriteMemory();
        flush(backend, batch.next());
        backend.close();
        assertThat(stored()).containsExactlyElementsOf(expected);
    }

    @Test
    void takes_the_largest_batch_it_allows() throws Exception {
        Backend backend = make();
        BatchLimits limits = backend.limits();
        backend.open(fresh());
        int each = 1_024;
        int count = (int) Math.min(limits.maxEntries(), limits.maxBytes() / each);
        TestBatch byBytes = TestBatch.of(LOG, 0, messages(0, count, each - 1));
        assertThat(backend.write(byBytes).isAllWritten()).isTrue();
        int many = Math.min(limits.maxEntries(), limits.maxBytes() / 160);
        TestBatch byCount = TestBatch.of(LOG, count, messages(count, many, 140));
        assertThat(backend.write(byCount).isAllWritten()).isTrue();
        flush(backend, byCount.next());
        backend.close();
        assertThat(stored()).hasSize(count + many).startsWith(byBytes.messages().get(0).text())
                .endsWith(byCount.messages().get(many - 1).text());
    }

    @Test
    void takes_the_shortest_the_longest_and_text_beyond_ascii() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        TestMessage shortest = new TestMessage("s", MessageType.HEARTBEAT, Optional.empty(), now(), now(),
                ("{\"v\":1,\"src\":\"s\",\"ts\":" + now() + ",\"type\":\"heartbeat\"}").getBytes(StandardCharsets.UTF_8));
        TestMessage longest = TestMessage.ofLength("service", now(), TestMessage.MAX_LENGTH);
        TestMessage beyond = TestMessage.event("dienst-\u00fc\u4e2d", now(), "gr\u00fc\u00dfe \u4e2d\u6587 \ud83d\ude80");
        TestBatch batch = TestBatch.of(LOG, 0, List.of(shortest, longest, beyond));
        assertThat(backend.write(batch).isAllWritten()).isTrue();
        flush(backend, batch.next());
        backend.close();
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(texts(batch));
    }

    @Test
    void close_may_come_twice_and_without_open() {
        Backend backend = make();
        assertThatCode(() -> {
            backend.close();
            backend.close();
        }).doesNotThrowAnyException();
    }

    @Test
    void can_be_opened_again_after_close() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        TestBatch first = batch(0, 10);
        backend.write(first);
        Commit commit = last(flush(backend, first.next()));
        backend.close();
        backend.close();
        assertThat(backend.open(fresh().after(commit))).isEqualTo(first.next());
        TestBatch second = batch(10, 10);
        backend.write(second);
        flush(backend, second.next());
        backend.close();
        assertThat(stored()).containsExactlyElementsOf(texts(first, second));
    }

    @Test
    void knows_its_limits_without_being_open() {
        assertThat(make().limits().maxEntries()).isPositive();
    }

    @Test
    void gives_the_thread_back_within_a_second_of_an_interrupt() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        Thread lane = new Thread(() -> writeUntilInterrupted(backend, begun, ended), "contract-lane");
        lane.start();
        begun.get(60, TimeUnit.SECONDS);
        lane.interrupt();
        try {
            // A second of its own: what a busy machine, or a disk that stalls, adds is not the backend's.
            ended.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("an interrupt must end in InterruptedException or in success", e.getCause());
        } finally {
            lane.join(TimeUnit.SECONDS.toMillis(30));
        }
    }

    @Test
    void an_interrupted_write_doubles_nothing_when_the_batch_comes_again() throws Exception {
        Assumptions.assumeTrue(isExactlyOnce(), "this backend does not claim exactly once");
        Backend backend = make();
        backend.open(fresh());
        TestBatch batch = batch(0, 1_000);
        boolean written = false;
        Thread.currentThread().interrupt();
        try {
            backend.write(batch);
            written = true;
        } catch (InterruptedException e) {
            // what the contract asks for
        } finally {
            Thread.interrupted();
        }
        if (!written) {
            backend.write(batch.again());
        }
        flush(backend, batch.next());
        backend.close();
        assertThat(stored()).containsExactlyElementsOf(texts(batch));
    }

    @Test
    void leaves_no_thread_behind() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Backend backend = make();
        backend.open(fresh());
        TestBatch batch = batch(0, 100);
        backend.write(batch);
        flush(backend, batch.next());
        backend.close();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        List<String> left = threadsSince(before);
        while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
            left = threadsSince(before);
        }
        assertThat(left).as("threads that are still alive after close").isEmpty();
    }

    @Test
    void close_keeps_to_a_few_seconds() throws Exception {
        Backend backend = make();
        backend.open(fresh());
        backend.write(batch(0, 1_000));
        CompletableFuture<Void> closed = CompletableFuture.runAsync(backend::close);
        closed.get(30, TimeUnit.SECONDS);
    }

    /**
     * Flushes until all below this offset is safe, and stores each commit, as the hub does. A backend that plans first, or that holds back,
     * takes more than one call.
     *
     * @return the commits in their order; the last one covers everything
     */
    protected static List<Commit> flush(Backend backend, long next) throws DeliveryException, InterruptedException {
        List<Commit> commits = new ArrayList<>();
        long before = Long.MIN_VALUE;
        do {
            commits.add(backend.flush(next));
            long safe = last(commits).next();
            assertThat(safe).as("what flush calls safe").isBetween(Math.max(0, before), next);
            before = safe;
        } while (before < next && commits.size() < MOST_FLUSHES);
        assertThat(before).as("what is safe after %d flushes", commits.size()).isEqualTo(next);
        return commits;
    }

    private static Commit last(List<Commit> commits) {
        return commits.get(commits.size() - 1);
    }

    private void writeUntilInterrupted(Backend backend, CompletableFuture<Void> begun, CompletableFuture<Void> ended) {
        try {
            long offset = 0;
            while (!Thread.currentThread().isInterrupted() && offset < 10_000_000) {
                TestBatch batch = batch(offset, 1_000);
                backend.write(batch);
                begun.complete(null);
                flush(backend, batch.next());
                offset = batch.next();
            }
            ended.complete(null);
        } catch (InterruptedException e) {
            ended.complete(null);
        } catch (Throwable e) {
            begun.complete(null);
            ended.completeExceptionally(e);
        }
    }

    private Backend make() {
        Backend backend = newBackend();
        made.add(backend);
        return backend;
    }

    /** {@code count} events and metrics of three sources. */
    protected final TestBatch batch(long firstOffset, int count) {
        return TestBatch.of(LOG, firstOffset, IntStream.range(0, count).mapToObj(i -> message(firstOffset + i)).toList());
    }

    private TestMessage message(long offset) {
        String source = "service-" + offset % 3;
        return offset % 5 == 0 ? TestMessage.metric(source, now(), "depth", offset) : TestMessage.event(source, now(), "entry " + offset);
    }

    private List<TestMessage> messages(long firstOffset, int count, int length) {
        return IntStream.range(0, count).mapToObj(i -> TestMessage.ofLength("service-" + (firstOffset + i) % 3, now(), length)).toList();
    }

    /** The texts of all messages in these batches, in order. */
    protected static List<String> texts(TestBatch... batches) {
        List<String> texts = new ArrayList<>();
        for (TestBatch batch : batches) {
            batch.messages().forEach(message -> texts.add(message.text()));
        }
        return texts;
    }

    private static List<String> threadsSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && !before.contains(thread) && !THREADS_OF_THE_JVM.contains(thread.getName())
                        && !thread.getName().startsWith("ForkJoinPool.commonPool") && !thread.getName().startsWith("junit-"))
                .map(Thread::getName).collect(Collectors.toList());
    }
}
