package io.monitoringhub.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.merge.MergerStatus;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.IngestSettings;
import io.monitoringhub.ingest.OwnClient;
import io.monitoringhub.ingest.access.Access;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.segmented.LogEvents;
import io.monitoringhub.log.segmented.SegmentedLog;
import io.monitoringhub.runtime.stream.EntryFilter;
import io.monitoringhub.runtime.stream.LatestEntries;
import io.monitoringhub.runtime.stream.LogEntry;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
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
    private SegmentedLog log;
    private IngestEngine ingest;
    private Access access;
    private SpanMerger merger;
    private OwnClient sender;
    private long sent;

    @AfterEach
    void close() throws IOException {
        stop();
    }

    private void start(long rebuild) throws IOException {
        log = SegmentedLog.open(new LogSettings(folder.resolve("log"), LogSettings.Durability.OS, 1 << 16, Duration.ofDays(1), 1 << 24,
                LogSettings.OnFull.BLOCK), new LogEvents() { }, Clock.systemUTC());
        access = new Access();
        ingest = new IngestEngine(log, IngestSettings.DEFAULT, (transport, peer, refusal, bytes, from, to) -> { }, access, Clock.systemUTC(), "test");
        ingest.recoverClients(checkpoint());
        sender = new OwnClient(ingest, new ComponentId(Kind.TRANSPORT, "test", "test"), new Peer("test"), new UUID(1, 2));
        merger = new SpanMerger(log, new StoredSpans(ingest, log), rebuild);
        ingest.checkpointClients(checkpoint());
        merger.start();
    }

    private Path checkpoint() {
        return folder.resolve("clients");
    }

    private void stop() throws IOException {
        if (log != null) {
            merger.close();
            ingest.close();
            access.close();
            log.close();
            log = null;
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
        stop();
        Files.delete(checkpoint());
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
            Files.copy(checkpoint(), before, StandardCopyOption.REPLACE_EXISTING);
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
            stop();
            Files.move(before, checkpoint(), StandardCopyOption.REPLACE_EXISTING);
        }
        start(REBUILD);
        awaitMerger(status -> status.lagEntries() == 0);

        assertThat(merged()).isEqualTo(complete);
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
        stop();
        Files.delete(checkpoint());
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
        byte[] lines = (String.join("\n", messages) + "\n").getBytes(StandardCharsets.UTF_8);
        sent = Math.max(sent, sender.settled());
        assertThat(sender.store(sent + 1, List.of(), ByteBuffer.wrap(lines)).accepted()).isEqualTo(messages.length);
        sent += messages.length;
    }

    /** The ids of merged spans, in the order of the log. */
    private List<String> merged() throws IOException {
        EntryFilter filter = EntryFilter.of(List.of(), List.of("span"), Optional.empty(), Optional.of("\"merged\":true"));
        return LatestEntries.before(log.durableOffset(), 100_000, log, filter).stream().map(LogEntry::message)
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
