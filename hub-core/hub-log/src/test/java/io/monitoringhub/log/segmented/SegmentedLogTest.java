package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.segmented.LogFixture.Stored;

@Timeout(180)
class SegmentedLogTest {

    @TempDir
    Path folder;
    private final RecordedEvents events = new RecordedEvents();
    private SettableClock clock;

    @BeforeEach
    void setUp() {
        clock = new SettableClock(1_000_000);
    }

    private SegmentedLog open() throws IOException {
        return SegmentedLog.open(LogFixture.settings(folder), events, clock);
    }

    @Test
    void aNewLogIsEmpty() throws IOException {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0)) {
            assertThat(log.startOffset()).isZero();
            assertThat(log.endOffset()).isZero();
            assertThat(log.durableOffset()).isZero();
            assertThat(log.offsetAt(0)).isEmpty();
            assertThat(reader.read(100)).isEmpty();
            assertThat(log.statistics().condition()).isEqualTo("ok");
        }
    }

    @Test
    void whatIsAppendedIsReadInOrderWithOffsetsThatCountEntries() throws IOException {
        try (SegmentedLog log = open()) {
            Appended first = new Appended("first", 3);
            Appended second = new Appended("second", 1);
            log.append(first);
            log.append(second);

            assertThat(first.base()).isZero();
            assertThat(second.base()).isEqualTo(3);
            assertThat(log.durableOffset()).isEqualTo(4);
            assertThat(log.pendingBytes()).isZero();
            assertThat(LogFixture.readAll(log)).containsExactly(new Stored(0, 3, "first"), new Stored(3, 1, "second"));
        }
    }

    @Test
    void identityAndEntriesOutliveTheProcess() throws IOException {
        String id;
        try (SegmentedLog log = open()) {
            id = log.id();
            Appended.to(log, "before").base();
        }
        try (SegmentedLog log = open()) {
            assertThat(log.id()).isEqualTo(id);
            assertThat(Appended.to(log, "after").base()).isEqualTo(1);
            assertThat(LogFixture.readAll(log)).extracting(Stored::payload).containsExactly("before", "after");
        }
        assertThat(events.lines()).isEmpty();
    }

    @Test
    void readingCrossesSegments() throws IOException {
        String payload = "x".repeat(20_000);
        try (SegmentedLog log = open()) {
            List<Appended> frames = IntStream.range(0, 20).mapToObj(i -> Appended.to(log, i + payload)).toList();
            frames.get(19).base();

            assertThat(log.statistics().segments()).isGreaterThan(4);
            assertThat(LogFixture.readAll(log)).extracting(Stored::base).containsExactlyElementsOf(IntStream.range(0, 20)
                    .mapToObj(i -> (long) i).toList());
        }
        try (SegmentedLog log = open()) {
            for (int from = 0; from < 20; from++) {
                assertThat(LogFixture.readFrom(log, from).get(0).payload()).startsWith(from + "x");
            }
        }
    }

    @Test
    void aSeekIntoAFrameReturnsTheFrameThatHoldsTheEntry() throws IOException {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0)) {
            log.append(new Appended("a", 10));
            Appended last = new Appended("b", 10);
            log.append(last);
            last.base();

            reader.seek(5);
            assertThat(LogFixture.copies(reader.read(1))).containsExactly(new Stored(0, 10, "a"));
            assertThat(reader.position()).isEqualTo(10);
            reader.seek(19);
            assertThat(LogFixture.copies(reader.read(1))).containsExactly(new Stored(10, 10, "b"));
        }
    }

    @Test
    void aReadStaysWithinItsLimitButForOneFrame() throws IOException {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0)) {
            List<Appended> frames = IntStream.range(0, 10).mapToObj(i -> Appended.to(log, "0123456789")).toList();
            frames.get(9).base();

            assertThat(reader.read(35)).hasSize(3);
            assertThat(reader.read(1)).hasSize(1);
            assertThat(reader.read(1000)).hasSize(6);
        }
    }

    @Test
    void aFrameLargerThanTheReadersBufferAndTheSegmentIsReadWhole() throws IOException {
        try (SegmentedLog log = open()) {
            ByteBuffer large = ByteBuffer.allocateDirect(3 << 20);
            IntStream.range(0, large.capacity()).forEach(i -> large.put(i, (byte) ('a' + i % 23)));
            Appended.to(log, "small");
            Appended frame = new Appended(large, 7);
            log.append(frame);
            Appended.to(log, "behind").base();

            try (LogReader reader = log.reader(1)) {
                List<Frame> read = reader.read(1000);
                assertThat(read).hasSize(1);
                assertThat(read.get(0).payload()).isEqualTo(large);
                assertThat(read.get(0).payload().isReadOnly()).isTrue();
                assertThatThrownBy(() -> read.get(0).payload().put(0, (byte) 0)).isInstanceOf(ReadOnlyBufferException.class);
                assertThat(LogFixture.copies(reader.read(1000))).containsExactly(new Stored(8, 1, "behind"));
            }
        }
    }

    @Test
    void manyTinyFramesTakeFewForces() throws IOException {
        FaultyFiles files = new FaultyFiles();
        CountDownLatch allAreThere = new CountDownLatch(1);
        try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), events, clock, files, Duration.ofSeconds(5))) {
            // However quick this disk is: the first force takes as long as they need to come.
            files.rule((step, path) -> {
                if (step == FaultyFiles.Step.FORCE) {
                    await(allAreThere);
                }
            });
            List<Appended> frames = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                frames.add(Appended.to(log, "tiny " + i));
            }
            allAreThere.countDown();
            frames.get(19_999).base();

            assertThat(frames).allMatch(Appended::isSettled);
            assertThat(LogFixture.readAll(log)).hasSize(20_000).last().isEqualTo(new Stored(19_999, 1, "tiny 19999"));
            assertThat(log.statistics().syncs().count()).as("one for each segment, and one for the first frame").isLessThan(30);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theOwnersBufferIsNotMovedAndItsPositionIsRespected() throws IOException {
        try (SegmentedLog log = open()) {
            ByteBuffer payload = ByteBuffer.wrap("xxhelloyy".getBytes()).position(2).limit(7);
            Appended frame = new Appended(payload, 1);
            log.append(frame);
            frame.base();

            assertThat(payload.position()).isEqualTo(2);
            assertThat(payload.limit()).isEqualTo(7);
            assertThat(LogFixture.readAll(log)).containsExactly(new Stored(0, 1, "hello"));
        }
    }

    @Test
    void theBytesBehindAnOffsetAreThoseOfItsFrameAndAllThatFollow() throws IOException {
        String payload = "x".repeat(9_000);
        long frame = FrameFormat.HEADER_BYTES + payload.length();
        FaultyFiles files = new FaultyFiles();
        try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), events, clock, files, Duration.ofSeconds(5))) {
            assertThat(log.bytesBehind(0)).isZero();
            for (int i = 0; i < 299; i++) {
                log.append(new Appended(payload, 10));
            }
            Appended last = new Appended(payload, 10);
            log.append(last);
            last.base();

            long before = files.bytesRead();
            assertThat(log.bytesBehind(0)).isEqualTo(300 * frame);
            assertThat(log.bytesBehind(38)).as("in the fourth frame").isEqualTo(297 * frame);
            assertThat(log.bytesBehind(2_999)).isEqualTo(frame);
            assertThat(log.bytesBehind(3_000)).isZero();
            assertThat(files.bytesRead() - before).as("headers of two segments").isLessThan(2 * LogFixture.SEGMENT);
        }
    }

    @Test
    void whereAFrameCannotBeLookedUpTheBytesBehindItAreAtMostASegmentTooHigh() throws IOException {
        String payload = "x".repeat(9_000);
        try (SegmentedLog log = open()) {
            for (int i = 0; i < 29; i++) {
                Appended.to(log, payload);
            }
            Appended.to(log, payload).base();
            long known = log.bytesBehind(5);
            Files.delete(folder.resolve(String.format("%020d.seg", 0)));

            assertThat(log.bytesBehind(5)).isBetween(known, known + LogFixture.SEGMENT);
        }
    }

    @Test
    void offsetAtFindsTheFirstEntryThatIsLateEnough() throws IOException {
        String payload = "x".repeat(30_000);
        try (SegmentedLog log = open()) {
            for (int i = 0; i < 10; i++) {
                clock.set(1000 + i * 100);
                Appended.to(log, payload).base();
            }
            assertOffsetsByTime(log);
        }
        try (SegmentedLog log = open()) {
            assertOffsetsByTime(log);
        }
    }

    private static void assertOffsetsByTime(SegmentedLog log) throws IOException {
        assertThat(log.offsetAt(0)).hasValue(0);
        for (int i = 0; i < 10; i++) {
            assertThat(log.offsetAt(1000 + i * 100)).hasValue(i);
            assertThat(log.offsetAt(1000 + i * 100 - 50)).hasValue(i);
        }
        assertThat(log.offsetAt(1901)).isEmpty();
    }

    @Test
    void awaitReturnsWhenAnEntryIsDurableAndWhenItIsWoken() throws Exception {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0)) {
            assertThat(reader.await(Duration.ZERO)).isFalse();
            reader.wakeUp();
            assertThat(reader.await(Duration.ofMinutes(1))).isFalse();
            CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return reader.await(Duration.ofMinutes(1));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            Appended.to(log, "here");
            assertThat(waiting.get()).isTrue();
        }
    }

    @Test
    void closingTheLogEndsAnAwait() throws Exception {
        SegmentedLog log = open();
        LogReader reader = log.reader(0);
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return reader.await(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        log.close();
        assertThat(waiting.get()).isFalse();
        assertThatThrownBy(() -> reader.read(1)).isInstanceOf(IllegalStateException.class);
        reader.close();
    }

    @Test
    void closingSettlesWhatWasAppended() throws IOException {
        SegmentedLog log = open();
        List<Appended> frames = IntStream.range(0, 500).mapToObj(i -> Appended.to(log, "entry " + i)).toList();
        log.close();
        log.close();

        assertThat(frames).allMatch(Appended::isSettled);
        assertThatThrownBy(() -> Appended.to(log, "late")).isInstanceOf(IllegalStateException.class);
        try (SegmentedLog again = open()) {
            assertThat(LogFixture.readAll(again)).hasSize(500);
        }
    }

    @Test
    void theSameFolderCantBeOpenedTwice() throws IOException {
        try (SegmentedLog log = open()) {
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining(folder.toString())
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThat(log.endOffset()).isZero();
        }
        open().close();
    }

    @Test
    void aThrowingCallbackDoesNotStopTheLog() throws IOException {
        try (SegmentedLog log = open()) {
            log.append(new io.monitoringhub.log.Append() {
                @Override
                public ByteBuffer payload() {
                    return ByteBuffer.wrap(new byte[] {1});
                }

                @Override
                public int count() {
                    return 1;
                }

                @Override
                public void durable(long baseOffset) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("bug");
                }

                @Override
                public void failed(IOException cause) {
                    throw new AssertionError(cause);
                }
            });
            assertThat(Appended.to(log, "next").base()).isEqualTo(1);
            assertThat(Appended.to(log, "and next").base()).isEqualTo(2);
            assertThat(events.lines()).containsExactly("callback failed bug");
        }
    }

    @Test
    void anInterruptedReaderStillReads() throws IOException {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0); LogReader other = log.reader(0)) {
            Appended.to(log, "a").base();
            Thread.currentThread().interrupt();
            assertThat(reader.read(10)).hasSize(1);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(other.read(10)).hasSize(1);
        }
    }

    @Test
    void framesThatCantBeStoredAreRefusedAtOnce() throws IOException {
        try (SegmentedLog log = open()) {
            assertThatThrownBy(() -> log.append(new Appended("", 1))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.append(new Appended("x", 0))).isInstanceOf(IllegalArgumentException.class);
            assertThat(log.pendingBytes()).isZero();
        }
    }

    @Test
    void strangeFilesAreLeftAloneAndReportedAndLeftoversGo() throws IOException {
        open().close();
        Files.writeString(folder.resolve("notes.txt"), "mine");
        Files.writeString(folder.resolve("00000000000000000005.seg.tmp"), "half");
        Files.writeString(folder.resolve("cursors/x.cursor.tmp"), "half");

        open().close();

        assertThat(events.lines()).containsExactlyInAnyOrder("foreign notes.txt", "leftover 00000000000000000005.seg.tmp",
                "leftover x.cursor.tmp");
        assertThat(folder.resolve("notes.txt")).exists();
        assertThat(folder.resolve("00000000000000000005.seg.tmp")).doesNotExist();
    }

    @Test
    void aLostIdentityIsRebuiltFromTheSegments() throws IOException {
        String id;
        try (SegmentedLog log = open()) {
            id = log.id();
            Appended.to(log, "kept").base();
        }
        Files.writeString(folder.resolve("log.id"), "garbage");
        try (SegmentedLog log = open()) {
            assertThat(log.id()).isEqualTo(id);
            assertThat(LogFixture.readAll(log)).extracting(Stored::payload).containsExactly("kept");
        }
        assertThat(events.lines()).containsExactly("identity restored");
        assertThat(SegmentedLog.open(LogFixture.settings(folder), LogEvents.none(), Clock.systemUTC())).satisfies(SegmentedLog::close);
    }

    @Test
    void theSizeOfTheBacklogDoesNotDecideWhatOpeningReads() throws IOException {
        try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), events, clock, new FaultyFiles(), Duration.ofSeconds(5))) {
            for (int i = 0; i < 30; i++) {
                Appended.to(log, "x".repeat(60_000));
            }
            Appended.to(log, "x".repeat(60_000)).base();
            Appended.to(log, "newest".repeat(1000)).base();
        }
        FaultyFiles files = new FaultyFiles();
        try (SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), events, clock, files, Duration.ofSeconds(5))) {
            assertThat(log.statistics().segments()).isEqualTo(32);
            assertThat(files.bytesRead()).isLessThan(32 * SegmentFormat.HEADER_BYTES + 7000);
        }
    }

    @Test
    void damageUnderARunningLogIsPassedOverByAllReadersAndReportedOnce() throws IOException {
        try (SegmentedLog log = open(); LogReader first = log.reader(0); LogReader second = log.reader(0)) {
            for (int i = 0; i < 3; i++) {
                Appended.to(log, "entry " + i).base();
            }
            try (java.nio.channels.FileChannel file = java.nio.channels.FileChannel.open(folder.resolve(SegmentFormat.name(0)),
                    java.nio.file.StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap("XX".getBytes()), SegmentFormat.HEADER_BYTES + 39 + 33);
            }
            for (LogReader reader : List.of(first, second)) {
                assertThat(LogFixture.copies(reader.read(1000))).containsExactly(new Stored(0, 1, "entry 0"));
                assertThat(LogFixture.copies(reader.read(1000))).containsExactly(new Stored(2, 1, "entry 2"));
                assertThat(reader.position()).isEqualTo(3);
            }
            assertThat(events.lines()).containsExactly("quarantined 00000000000000000000.seg 87 39 lost 1 2");
            assertThat(log.statistics().quarantinedFrames()).isEqualTo(1);
            assertThat(Appended.to(log, "on").base()).isEqualTo(3);
            assertThat(LogFixture.copies(first.read(1000))).containsExactly(new Stored(3, 1, "on"));
        }
    }

    @Test
    void damageAtTheDurableEndOfARunningLogLosesOnlyThat() throws IOException {
        try (SegmentedLog log = open(); LogReader reader = log.reader(0)) {
            Appended.to(log, "entry 0").base();
            Appended.to(log, "entry 1").base();
            try (java.nio.channels.FileChannel file = java.nio.channels.FileChannel.open(folder.resolve(SegmentFormat.name(0)),
                    java.nio.file.StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap("XX".getBytes()), SegmentFormat.HEADER_BYTES + 39 + 33);
            }
            assertThat(LogFixture.copies(reader.read(1000))).containsExactly(new Stored(0, 1, "entry 0"));
            assertThat(reader.read(1000)).isEmpty();
            assertThat(reader.position()).isEqualTo(2);
            Appended.to(log, "entry 2").base();
            assertThat(LogFixture.copies(reader.read(1000))).containsExactly(new Stored(2, 1, "entry 2"));
        }
    }
}
