package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.segmented.FaultyFiles.Step;

/** Every frame here fills a segment; four fit into the budget. */
@Timeout(180)
class RetentionTest {

    private static final String FILL = "x".repeat(60_000);

    @TempDir
    Path folder;
    private final SettableClock clock = new SettableClock(0);
    private final FaultyFiles files = new FaultyFiles();
    private final RecordedEvents events = new RecordedEvents();

    private SegmentedLog open(OnFull onFull) throws IOException {
        LogSettings settings = LogFixture.small(folder, onFull);
        return SegmentedLog.open(settings, events, clock, files, Duration.ofMillis(200));
    }

    @Test
    void withoutCursorsTheOldestSegmentsMakeRoom() throws IOException {
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            for (int i = 0; i < 20; i++) {
                assertThat(Appended.to(log, FILL).base()).isEqualTo(i);
                assertThat(bytesOnDisk()).isLessThanOrEqualTo(4 * LogFixture.SEGMENT);
            }
            assertThat(log.startOffset()).isEqualTo(16);
            assertThat(LogFixture.readAll(log)).hasSize(4);
            assertThat(log.statistics().droppedEntries()).isZero();
        }
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            assertThat(log.startOffset()).isEqualTo(16);
            assertThat(log.durableOffset()).isEqualTo(20);
        }
    }

    @Test
    void aFullDiskTakesPassedSegmentsAndLeavesRoomForCursors() throws IOException {
        long size = Retention.KEPT_FREE + 3 * LogFixture.SEGMENT;
        files.usableBytes(() -> size - written());
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            Cursor cursor = log.cursors().open("lane", 0);
            for (int i = 0; i < 3; i++) {
                Appended.to(log, FILL).base();
            }
            Appended waiting = Appended.to(log, FILL);
            awaitCondition(log, "is full but for what cursors need, and cursor lane still needs entries from 0 on");
            assertThat(waiting.isSettled()).isFalse();
            assertThat(log.startOffset()).isZero();

            cursor.commit(2, new byte[0]);
            assertThat(waiting.base()).isEqualTo(3);
            assertThat(log.startOffset()).as("no more than was needed went").isEqualTo(1);
            assertThat(log.statistics().condition()).isEqualTo("ok");
        }
    }

    @Test
    void roomThatReadersHoldIsNotSoughtByRemovingEverything() throws IOException {
        try (SegmentedLog log = open(OnFull.DROP_OLDEST)) {
            log.cursors().open("lane", 0);
            for (int i = 0; i < 4; i++) {
                Appended.to(log, FILL).base();
            }
            files.usableBytes(() -> 0);
            Appended.to(log, FILL);
            awaitCondition(log, "is full but for what cursors need");
            assertThat(events.lines().stream().takeWhile(line -> !line.startsWith("blocked")).filter(line -> line.startsWith("deleted")))
                    .as("removed by one attempt: the next ones come by themselves").hasSize(1);
            files.usableBytes(() -> Long.MAX_VALUE);
        }
    }

    @Test
    void passedSegmentsGoWhenTheyAreOldAndNotBefore() throws IOException {
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            Cursor cursor = log.cursors().open("lane", 0);
            for (int i = 0; i < 4; i++) {
                clock.set(i * 1000);
                Appended.to(log, FILL).base();
            }
            cursor.commit(2, new byte[0]);
            log.maintain();
            assertThat(log.startOffset()).isZero();

            clock.set(Duration.ofHours(1).toMillis() + 1001);
            log.maintain();
            assertThat(log.startOffset()).isEqualTo(1);

            clock.set(Duration.ofDays(9).toMillis());
            log.maintain();
            assertThat(log.startOffset()).isEqualTo(2);
            assertThat(events.lines()).containsExactly("deleted 0 1", "deleted 1 2");
        }
    }

    @Test
    void aFullLogTakesNothingUntilTheSlowCursorGoesOn() throws Exception {
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            Cursor slow = log.cursors().open("slow", 0);
            Cursor fast = log.cursors().open("fast", 0);
            for (int i = 0; i < 4; i++) {
                Appended.to(log, FILL).base();
            }
            Appended waiting = Appended.to(log, FILL);
            awaitCondition(log, "cursor fast still needs entries from 0 on");
            fast.commit(4, new byte[0]);
            awaitCondition(log, "cursor slow still needs entries from 0 on");
            assertThat(waiting.isSettled()).isFalse();
            assertThat(log.pendingBytes()).isEqualTo(60_000);
            assertThat(LogFixture.readAll(log)).hasSize(4);

            slow.commit(1, new byte[0]);
            assertThat(waiting.base()).isEqualTo(4);
            assertThat(log.startOffset()).isEqualTo(1);
            assertThat(log.statistics().condition()).isEqualTo("ok");
            assertThat(log.statistics().droppedEntries()).isZero();
        }
        assertThat(events.lines()).last().isEqualTo("unblocked");
    }

    private static void awaitCondition(SegmentedLog log, String text) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!log.statistics().condition().contains(text)) {
            assertThat(System.nanoTime()).as("condition is %s", log.statistics().condition()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void droppingTheOldestIsCountedAndSaidPerCursor() throws IOException {
        try (SegmentedLog log = open(OnFull.DROP_OLDEST)) {
            Cursor lost = log.cursors().open("lost", 0);
            log.cursors().open("late", 0);
            for (int i = 0; i < 4; i++) {
                Appended frame = new Appended(FILL, 10);
                log.append(frame);
                frame.base();
            }
            log.cursors().find("late").orElseThrow().commit(10, new byte[0]);
            lost.commit(4, new byte[0]);
            Appended frame = new Appended(FILL, 10);
            log.append(frame);
            assertThat(frame.base()).isEqualTo(40);

            assertThat(log.statistics().droppedEntries()).isEqualTo(6);
            assertThat(events.lines()).containsExactly("deleted 0 10", "dropped lost 4 10");
            try (LogReader reader = log.reader(lost.position())) {
                assertThat(reader.read(1).get(0).baseOffset()).isEqualTo(10);
            }
        }
    }

    @Test
    void aReaderOfARemovedSegmentGoesOnAtTheStartAndHoldsNoFile() throws IOException {
        try (SegmentedLog log = open(OnFull.BLOCK); LogReader reader = log.reader(0)) {
            for (int i = 0; i < 4; i++) {
                Appended.to(log, FILL).base();
            }
            assertThat(reader.read(1).get(0).baseOffset()).isZero();
            for (int i = 0; i < 3; i++) {
                Appended.to(log, FILL).base();
            }
            assertThat(openDeletedFiles()).isEmpty();
            assertThat(reader.read(1).get(0).baseOffset()).isEqualTo(3);
        }
    }

    private List<String> openDeletedFiles() throws IOException {
        List<String> deleted = new ArrayList<>();
        Path handles = Path.of("/proc/self/fd");
        if (Files.isDirectory(handles)) {
            try (Stream<Path> all = Files.list(handles)) {
                for (Path handle : all.toList()) {
                    if (Files.isSymbolicLink(handle)) {
                        String target = Files.readSymbolicLink(handle).toString();
                        if (target.startsWith(folder.toRealPath().toString()) && target.endsWith("(deleted)")) {
                            deleted.add(target);
                        }
                    }
                }
            }
        }
        return deleted;
    }

    @Test
    void aCrashAtAnyStepOfARemovalLeavesALogWithoutAHole() throws IOException {
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            for (int i = 0; i < 4; i++) {
                Appended.to(log, FILL).base();
            }
            // Into the same segment, so that the writer has looked after what the one before it had to remove.
            Appended.to(log, "small").base();
            files.rule((step, path) -> {
                if (step == Step.DELETE || step == Step.FORCE_FOLDER) {
                    throw new IOException("Read-only file system");
                }
            });
            clock.set(Duration.ofDays(9).toMillis());
            log.maintain();
            assertThat(events.lines()).containsExactly("deletion failed 00000000000000000000.seg");
            assertThat(log.startOffset()).isZero();
            assertThat(LogFixture.readAll(log)).hasSize(5);
            files.rule((step, path) -> {
                if (step == Step.FORCE_FOLDER) {
                    throw new IOException("Input/output error");
                }
            });
            log.maintain();
            files.rule(FaultyFiles.NONE);
            log.maintain();
            assertThat(log.startOffset()).isEqualTo(3);
            assertThat(LogFixture.readAll(log)).hasSize(2);
        }
    }

    @Test
    void aDamagedCursorKeepsEverythingUntilItsOwnerComesBack() throws IOException {
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            Cursor cursor = log.cursors().open("lane", 0);
            for (int i = 0; i < 4; i++) {
                Appended.to(log, FILL).base();
            }
            cursor.commit(4, new byte[0]);
        }
        Files.writeString(folder.resolve("cursors/lane.cursor"), "garbage");
        clock.set(Duration.ofDays(9).toMillis());
        try (SegmentedLog log = open(OnFull.BLOCK)) {
            log.maintain();
            assertThat(log.startOffset()).isZero();
            Cursor cursor = log.cursors().open("lane", log.durableOffset());
            log.maintain();
            assertThat(log.startOffset()).isZero();
            cursor.commit(log.durableOffset(), new byte[0]);
            log.maintain();
            assertThat(log.startOffset()).isEqualTo(3);
        }
    }

    private long written() {
        try {
            return bytesOnDisk();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long bytesOnDisk() throws IOException {
        long sum = 0;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.filter(each -> each.toString().endsWith(".seg")).toList()) {
                sum += Files.size(path);
            }
        }
        return sum;
    }
}
