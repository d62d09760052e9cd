package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogSettings;
import io.monitoringhub.log.LogSettings.Durability;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.segmented.FaultyFiles.Step;
import io.monitoringhub.log.segmented.LogFixture.Stored;

@Timeout(180)
class FaultTest {

    @TempDir
    Path folder;
    private final FaultyFiles files = new FaultyFiles();
    private final RecordedEvents events = new RecordedEvents();

    private SegmentedLog open() throws IOException {
        return open(LogFixture.settings(folder), Duration.ofSeconds(10));
    }

    private SegmentedLog open(LogSettings settings, Duration closeLimit) throws IOException {
        return SegmentedLog.open(settings, events, Clock.systemUTC(), files, closeLimit);
    }

    /** Fails the next so many steps of a kind. */
    private void fail(Step which, int times, String message) {
        AtomicInteger left = new AtomicInteger(times);
        files.rule((step, path) -> {
            if (step == which && left.getAndDecrement() > 0) {
                throw new IOException(message);
            }
        });
    }

    @Test
    void oneForceServesEverybodyWhoWaits() throws Exception {
        CountDownLatch inForce = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (SegmentedLog log = open()) {
            AtomicInteger forces = new AtomicInteger();
            files.rule((step, path) -> {
                if (step == Step.FORCE && forces.incrementAndGet() == 1) {
                    inForce.countDown();
                    await(goOn);
                }
            });
            Appended first = Appended.to(log, "first");
            inForce.await();
            List<Appended> others = IntStream.range(0, 1000).mapToObj(i -> Appended.to(log, "other " + i)).toList();
            assertThat(log.pendingBytes()).isGreaterThan(8000);
            goOn.countDown();
            others.get(999).base();

            assertThat(first.base()).isZero();
            assertThat(forces).hasValue(2);
            assertThat(log.statistics().syncs().count()).isEqualTo(2);
        }
    }

    @Test
    void nothingIsCalledDurableOrReadableBeforeTheForceReturned() throws Exception {
        CountDownLatch inForce = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (SegmentedLog log = open()) {
            files.rule((step, path) -> {
                if (step == Step.FORCE) {
                    inForce.countDown();
                    await(goOn);
                }
            });
            Appended frame = Appended.to(log, "entry");
            inForce.await();
            assertThat(frame.isSettled()).isFalse();
            assertThat(log.durableOffset()).isZero();
            assertThat(log.endOffset()).isEqualTo(1);
            assertThat(LogFixture.readAll(log)).isEmpty();
            goOn.countDown();
            assertThat(frame.base()).isZero();
            assertThat(LogFixture.readAll(log)).hasSize(1);
        }
    }

    @Test
    void aLoneAppendIsOneWriteAndOneForce() throws IOException {
        try (SegmentedLog log = open()) {
            files.record();
            Appended.to(log, "lone").base();
            assertThat(files.steps()).containsExactly(Step.APPEND, Step.FORCE);
        }
    }

    @Test
    void durabilityOfTheOperatingSystemForcesOnlyWhenASegmentIsClosed() throws IOException {
        LogSettings settings = new LogSettings(folder, Durability.OS, LogFixture.SEGMENT, Duration.ofHours(1), 64 * LogFixture.SEGMENT,
                OnFull.BLOCK);
        try (SegmentedLog log = open(settings, Duration.ofSeconds(5))) {
            files.record();
            Appended.to(log, "x".repeat(60_000)).base();
            Appended.to(log, "y").base();
            assertThat(files.steps()).containsExactly(Step.APPEND, Step.APPEND);
            Appended.to(log, "z".repeat(10_000)).base();
            assertThat(files.steps()).containsExactly(Step.APPEND, Step.APPEND, Step.FORCE, Step.CREATE, Step.APPEND, Step.FORCE, Step.MOVE,
                    Step.FORCE_FOLDER, Step.APPEND);
        }
        assertThat(files.steps()).endsWith(Step.APPEND, Step.FORCE, Step.DELETE, Step.FORCE_FOLDER);
    }

    @Test
    void aNewSegmentsHeaderAndNameAreOnDiskBeforeAnEntryGoesThere() throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "x".repeat(60_000)).base();
            files.record();
            Appended.to(log, "z".repeat(10_000)).base();
            assertThat(files.steps()).containsExactly(Step.CREATE, Step.APPEND, Step.FORCE, Step.MOVE, Step.FORCE_FOLDER, Step.APPEND,
                    Step.FORCE);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Step.class, names = {"APPEND", "FORCE"})
    void afterAFailedWriteOrForceEverythingIsDurableInTheEndAndOnce(Step failing) throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "before").base();
            fail(failing, 1, "Input/output error");
            List<Appended> frames = IntStream.range(0, 50).mapToObj(i -> Appended.to(log, "entry " + i)).toList();
            frames.get(49).base();

            assertThat(LogFixture.readAll(log)).hasSize(51);
            assertThat(log.pendingBytes()).isZero();
            assertThat(log.statistics().condition()).isEqualTo("ok");
            assertThat(events.lines()).hasSize(2).first().asString().startsWith("blocked").contains("Input/output error");
        }
        assertWholeAfterReopening(51);
    }

    @Test
    void aForceThatFailedIsNotTriedAgainOnTheSameSegment() throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "before").base();
            List<String> forced = Collections.synchronizedList(new ArrayList<>());
            AtomicBoolean isFirst = new AtomicBoolean(true);
            files.rule((step, path) -> {
                if (step == Step.FORCE) {
                    forced.add(path.getFileName().toString());
                    if (isFirst.getAndSet(false)) {
                        throw new IOException("Input/output error");
                    }
                }
            });
            assertThat(Appended.to(log, "entry").base()).isEqualTo(1);
            assertThat(forced).containsExactly("00000000000000000000.seg.tmp", "00000000000000000001.seg.tmp",
                    "00000000000000000001.seg.tmp");
            assertThat(Files.size(folder.resolve(SegmentFormat.name(0)))).isEqualTo(SegmentFormat.HEADER_BYTES + 32 + 6);
        }
        assertWholeAfterReopening(2);
    }

    @Test
    void aSegmentThatCantBeCutEndsWhereTheNextOneBegins() throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "before").base();
            AtomicBoolean isFirst = new AtomicBoolean(true);
            files.rule((step, path) -> {
                if (step == Step.FORCE && isFirst.getAndSet(false) || step == Step.TRUNCATE) {
                    throw new IOException("Input/output error");
                }
            });
            Appended.to(log, "entry").base();
            assertThat(LogFixture.readAll(log)).containsExactly(new Stored(0, 1, "before"), new Stored(1, 1, "entry"));
        }
        files.rule(FaultyFiles.NONE);
        assertWholeAfterReopening(2);
    }

    @Test
    void aFailureInASegmentWithoutEntriesReplacesIt() throws IOException {
        try (SegmentedLog log = open()) {
            fail(Step.FORCE, 3, "Input/output error");
            assertThat(Appended.to(log, "entry").base()).isZero();
            assertThat(log.statistics().segments()).isEqualTo(1);
        }
        assertWholeAfterReopening(1);
    }

    @ParameterizedTest
    @EnumSource(value = Step.class, names = {"CREATE", "APPEND", "FORCE", "MOVE", "FORCE_FOLDER"})
    void aNewSegmentThatCantBeMadeAtFirstIsMadeLater(Step failing) throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "x".repeat(60_000)).base();
            fail(failing, 1, "No space left on device");
            assertThat(Appended.to(log, "z".repeat(10_000)).base()).isEqualTo(1);
            assertThat(events.lines()).last().isEqualTo("unblocked");
        }
        assertWholeAfterReopening(2);
    }

    @Test
    void shortWritesAreContinued() throws IOException {
        try (SegmentedLog log = open()) {
            files.mostBytesAtOnce(7);
            List<Appended> frames = IntStream.range(0, 30).mapToObj(i -> Appended.to(log, "entry number " + i)).toList();
            frames.get(29).base();
        }
        assertWholeAfterReopening(30);
        assertThat(events.lines()).isEmpty();
    }

    @Test
    void aFullDiskKeepsEverythingPendingUntilThereIsSpace() throws Exception {
        AtomicBoolean isFull = new AtomicBoolean(true);
        CountDownLatch failed = new CountDownLatch(3);
        try (SegmentedLog log = open()) {
            Appended.to(log, "before").base();
            files.mostBytesAtOnce(5);
            AtomicInteger written = new AtomicInteger();
            files.rule((step, path) -> {
                if (isFull.get() && step == Step.APPEND && written.incrementAndGet() % 4 == 0) {
                    failed.countDown();
                    throw new IOException("No space left on device");
                }
            });
            List<Appended> frames = IntStream.range(0, 20).mapToObj(i -> Appended.to(log, "entry " + i)).toList();
            failed.await();
            assertThat(log.pendingBytes()).isGreaterThan(100);
            assertThat(log.statistics().condition()).contains("No space left on device");
            assertThat(frames).noneMatch(Appended::isSettled);
            assertThat(LogFixture.readAll(log)).hasSize(1);
            isFull.set(false);
            log.maintain();
            frames.get(19).base();
            assertThat(log.statistics().condition()).isEqualTo("ok");
            assertThat(log.pendingBytes()).isZero();
        }
        assertWholeAfterReopening(21);
    }

    @Test
    void closingWhileNothingCanBeWrittenFailsTheFramesAfterALimit() throws IOException {
        SegmentedLog log = open(LogFixture.settings(folder), Duration.ofMillis(200));
        Appended.to(log, "before").base();
        files.rule((step, path) -> {
            if (step == Step.APPEND || step == Step.CREATE) {
                throw new IOException("No space left on device");
            }
        });
        Appended first = Appended.to(log, "first");
        Appended second = Appended.to(log, "second");
        log.close();

        assertThat(first.failure()).hasMessageContaining("No space left");
        assertThat(second.failure()).hasMessageContaining("No space left");
        assertThat(log.pendingBytes()).isZero();
        files.rule(FaultyFiles.NONE);
        assertWholeAfterReopening(1);
    }

    @ParameterizedTest
    @EnumSource(value = Step.class, names = {"CREATE", "APPEND", "FORCE", "MOVE"})
    void aCommitThatFailsLeavesTheOldPosition(Step failing) throws IOException {
        try (SegmentedLog log = open()) {
            Appended.to(log, "a").base();
            Appended.to(log, "b").base();
            Cursor cursor = log.cursors().open("lane", 0);
            cursor.commit(1, new byte[] {1});
            fail(failing, 1, "Input/output error");
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> cursor.commit(2, new byte[] {2})).isInstanceOf(IOException.class);
            assertThat(cursor.position()).isEqualTo(1);
            assertThat(cursor.state()).containsExactly(1);
        }
        try (SegmentedLog log = open()) {
            assertThat(log.cursors().find("lane").orElseThrow().position()).isEqualTo(1);
            log.cursors().find("lane").orElseThrow().commit(2, new byte[] {2});
        }
    }

    @Test
    void offsetsThatAPowerCutTookBackAreNotGivenAgainWithDurabilityOfTheOperatingSystem() throws IOException {
        LogSettings settings = new LogSettings(folder, Durability.OS, LogFixture.SEGMENT, Duration.ofHours(1), 64 * LogFixture.SEGMENT,
                OnFull.BLOCK);
        dieWith(settings);
        try (SegmentedLog log = open(settings, Duration.ofSeconds(5))) {
            assertThat(log.durableOffset()).as("a killed process loses nothing").isEqualTo(2);
        }
        dieWith(settings);
        files.cutPower();
        files.bootId("next-boot");
        long next = 2 + LogFixture.SEGMENT + FrameFormat.MAX_PAYLOAD;
        try (SegmentedLog log = open(settings, Duration.ofSeconds(5))) {
            assertThat(Appended.to(log, "after").base()).isEqualTo(next);
            assertThat(LogFixture.readAll(log)).extracting(Stored::base).containsExactly(0L, 1L, next);
            assertThat(events.lines()).contains("missing 2 " + next);
        }
        try (SegmentedLog log = open(settings, Duration.ofSeconds(5))) {
            assertThat(log.durableOffset()).as("a clean stop leaves nothing in doubt").isEqualTo(next + 1);
        }
    }

    /** Appends two entries and leaves the folder as a process that died leaves it. */
    private void dieWith(LogSettings settings) throws IOException {
        SegmentedLog log = open(settings, Duration.ofMillis(50));
        Appended.to(log, "one").base();
        Appended.to(log, "two").base();
        files.rule((step, path) -> {
            throw new IOException("dead");
        });
        org.assertj.core.api.Assertions.assertThatThrownBy(log::close).isInstanceOf(IOException.class);
        files.rule(FaultyFiles.NONE);
    }

    private void assertWholeAfterReopening(int frames) throws IOException {
        try (SegmentedLog log = open()) {
            List<Stored> all = LogFixture.readAll(log);
            assertThat(all).extracting(Stored::base).containsExactlyElementsOf(IntStream.range(0, frames).mapToObj(i -> (long) i).toList());
            assertThat(Appended.to(log, "after").base()).isEqualTo(frames);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
