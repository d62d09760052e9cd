package io.monitoringhub.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.merge.MergedSpans;
import io.monitoringhub.correlation.merge.MergerStatus;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.runtime.FilledLog;
import io.monitoringhub.runtime.stream.EntryFilter;
import io.monitoringhub.runtime.stream.LatestEntries;
import io.monitoringhub.runtime.stream.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Merged spans over restarts, on a real log. A kill is what leaves the checkpoint of clients as old as it was, or leaves none. */
@Timeout(120)
class MergedSpansTest {

    private static final long T = 1_697_821_234_000L;
    private static final long REBUILD = 200_000;

    @TempDir
    private Path folder;
    private FilledLog filled;
    private SpanMerger merger;

    @AfterEach
    void close() throws IOException {
        stop();
    }

    private void start(long rebuild) throws IOException {
        filled = FilledLog.in(folder);
        merger = new SpanMerger(filled.log(), new StoredSpans(filled.ingest(), filled.log()), rebuild);
        filled.checkpoint();
        merger.start();
    }

    private void stop() throws IOException {
        if (filled != null) {
            merger.close();
            filled.close();
            filled = null;
        }
    }

    @Test
    void aSpanWhoseHalvesLieOnBothSidesOfARestartIsMergedOnce() throws Exception {
        start(REBUILD);
        send(opening("1"), opening("2"), closing("2"));
        awaitMerger(status -> status.merged() == 1);
        stop();
        start(REBUILD);
        send(closing("1"), closing("2"));
        awaitMerger(status -> status.merged() == 1);
        Path checkpoint = filled.checkpointFile();
        stop();
        Files.delete(checkpoint);
        start(REBUILD);
        send(opening("3"), closing("3"));
        awaitMerger(status -> status.merged() == 1);

        assertThat(merged()).containsExactly("2", "1", "3");
    }

    @Test
    void whereverItIsStoppedEachSpanIsMergedOnce() throws Exception {
        Random random = new Random(7);
        List<String> complete = new ArrayList<>();
        Path before = folder.resolve("before");
        for (int round = 0; round < 12; round++) {
            start(REBUILD);
            // the checkpoint of a killed hub is up to five seconds old
            Files.copy(filled.checkpointFile(), before, StandardCopyOption.REPLACE_EXISTING);
            for (int burst = 0; burst < 3; burst++) {
                List<String> messages = new ArrayList<>();
                int first = complete.size();
                IntStream.range(first, first + 40).forEach(id -> messages.add(opening("s" + id)));
                IntStream.range(first, first + 40).forEach(id -> {
                    messages.add(closing("s" + id));
                    complete.add("s" + id);
                });
                send(messages.toArray(String[]::new));
            }
            long enough = random.nextInt(100);
            awaitMerger(status -> status.merged() >= enough);
            Path checkpoint = filled.checkpointFile();
            stop();
            Files.move(before, checkpoint, StandardCopyOption.REPLACE_EXISTING);
        }
        start(REBUILD);
        awaitMerger(status -> status.lagEntries() == 0);

        assertThat(merged()).isEqualTo(complete);
    }

    @Test
    void itIsBehindUntilWhatItReadIsStored() throws Exception {
        start(REBUILD);
        merger.close();
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        StoredSpans stored = new StoredSpans(filled.ingest(), filled.log());
        merger = new SpanMerger(filled.log(), new MergedSpans() {
            @Override
            public long settled() {
                return stored.settled();
            }

            @Override
            public void settle(long next) {
                stored.settle(next);
            }

            @Override
            public long store(long first, List<Long> runs, ByteBuffer lines) throws IOException, InterruptedException {
                reached.countDown();
                go.await();
                return stored.store(first, runs, lines);
            }
        }, REBUILD);
        merger.start();
        send(opening("1"), closing("1"));
        assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
        long lag = merger.status().lagEntries();
        go.countDown();
        awaitMerger(status -> status.lagEntries() == 0);

        assertThat(lag).isPositive();
        assertThat(merged()).containsExactly("1");
    }

    @Test
    void anOpeningHalfFromBeforeWhatIsReadAgainIsNotMerged() throws Exception {
        start(REBUILD);
        send(opening("old"), opening("1"), closing("1"), opening("2"), closing("2"));
        awaitMerger(status -> status.merged() == 2);
        stop();
        start(3);
        send(closing("old"));
        awaitMerger(status -> status.lagEntries() == 0 && status.waiting() == 1);

        assertThat(merged()).containsExactly("1", "2");
    }

    @Test
    void onlyWhatIsCompletedFromTheBeginningOnIsMergedWithWhatWasOpenBefore() throws Exception {
        start(REBUILD);
        merger.close();
        Path checkpoint = filled.checkpointFile();
        stop();
        Files.delete(checkpoint);
        start(REBUILD);
        send(opening("1"), closing("1"));
        awaitMerger(status -> status.merged() == 1);
        assertThat(merged()).containsExactly("1");
    }

    @Test
    void aSpanThatWouldBeTooLongIsCountedAndHoldsUpNothing() throws Exception {
        start(REBUILD);
        String tag = "\"tags\":{\"" + "x".repeat(40_000) + "\":1";
        send(opening("long").replace("\"tags\":{", tag), closing("long").replace("\"tags\":{", tag.replace('x', 'y')), opening("1"), closing("1"));
        awaitMerger(status -> status.merged() == 1 && status.refused() == 1);

        assertThat(merged()).containsExactly("1");
    }

    private void send(String... messages) throws IOException, InterruptedException {
        assertThat(filled.append(messages)).isEqualTo(messages.length);
    }

    /** The ids of merged spans, in the order of the log. */
    private List<String> merged() throws IOException {
        EntryFilter filter = EntryFilter.of(List.of(), List.of("span"), Optional.empty(), Optional.of("\"merged\":true"));
        return LatestEntries.before(filled.log().durableOffset(), 100_000, filled.log(), filter).stream().map(LogEntry::message)
                .map(message -> message.replaceAll(".*\"sid\":\"([^\"]*)\".*", "$1")).toList();
    }

    private void awaitMerger(Predicate<MergerStatus> condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.test(merger.status())) {
            assertThat(System.nanoTime()).as(() -> merger.status().toString()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String opening(String id) {
        return span(id, T, "\"name\":\"work\",\"start\":" + T + ",\"end\":null,\"tags\":{}");
    }

    private static String closing(String id) {
        return span(id, T + 9, "\"name\":\"\",\"start\":0,\"end\":" + (T + 9) + ",\"status\":\"ok\",\"tags\":{}");
    }

    private static String span(String id, long time, String data) {
        return "{\"v\":1,\"src\":\"a\",\"ts\":" + time + ",\"type\":\"span\",\"tid\":\"t\",\"sid\":\"" + id + "\",\"data\":{" + data + "}}";
    }
}
