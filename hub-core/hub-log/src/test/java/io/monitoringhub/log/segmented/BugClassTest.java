package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.segmented.LogFixture.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bit other logs; docs/bug-classes.md has the numbers and where the others are. */
@Timeout(60)
class BugClassTest {

    private static final String FILL = "x".repeat(60_000);
    private static final int SEGMENTS = 4;

    @TempDir
    Path parent;

    @ParameterizedTest(name = "power cut: {0}")
    @ValueSource(booleans = {false, true})
    void class03_aCrashAtAnyStepOfARemovalLeavesNeitherAHoleNorLessThanALaneNeeds(boolean isPowerCut) throws IOException {
        boolean isWhole = false;
        int steps = 0;
        for (; !isWhole; steps++) {
            Path folder = parent.resolve("crash-" + steps);
            isWhole = commitRemoveAndCrash(folder, steps, isPowerCut);
            try (SegmentedLog log = open(folder, new FaultyFiles())) {
                long cursor = log.cursors().find("lane").orElseThrow().position();
                List<Long> present = LogFixture.readAll(log).stream().map(Stored::base).toList();
                assertThat(log.startOffset()).as("step %d", steps).isLessThanOrEqualTo(cursor);
                assertThat(present).as("step %d", steps).isEqualTo(LongStream.range(log.startOffset(), SEGMENTS).boxed().toList());
                assertThat(cursor).as("step %d", steps).isBetween(0L, 2L);
            }
        }
        assertThat(steps).as("steps of a commit and a removal").isGreaterThan(5);
    }

    /** Fills four segments, commits two of them, removes those; the file system refuses everything from a step of the last two on. */
    private boolean commitRemoveAndCrash(Path folder, int crashAt, boolean isPowerCut) throws IOException {
        FaultyFiles files = new FaultyFiles();
        AtomicInteger step = new AtomicInteger();
        SettableClock clock = new SettableClock(0);
        SegmentedLog log = SegmentedLog.open(LogFixture.settings(folder), LogEvents.none(), clock, files, Duration.ofMillis(20));
        try (log) {
            Cursor cursor = log.cursors().open("lane", 0);
            for (int i = 0; i < SEGMENTS; i++) {
                Appended.to(log, FILL).base();
            }
            files.rule((kind, path) -> {
                if (step.getAndIncrement() >= crashAt) {
                    throw new IOException("crashed");
                }
            });
            cursor.commit(2, new byte[0]);
            clock.set(Duration.ofDays(9).toMillis());
            log.maintain();
        } catch (IOException crashed) {
            assertThat(crashed).hasMessageContaining("crashed");
        } finally {
            if (isPowerCut) {
                files.cutPower();
            }
        }
        return step.get() <= crashAt;
    }

    @Test
    void class05_withoutAnyFileButItsSegmentsTheLogIsTheSame() throws IOException {
        Path folder = parent.resolve("log");
        String id;
        List<Stored> before;
        try (SegmentedLog log = open(folder, new FaultyFiles())) {
            id = log.id();
            for (int i = 0; i < SEGMENTS; i++) {
                Appended.to(log, i + FILL).base();
            }
            log.cursors().open("lane", 0).commit(2, new byte[0]);
            before = LogFixture.readAll(log);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).filter(each -> !each.toString().endsWith(".seg")).toList()) {
                Files.delete(file);
            }
        }
        try (SegmentedLog log = open(folder, new FaultyFiles())) {
            assertThat(log.id()).isEqualTo(id);
            assertThat(LogFixture.readAll(log)).isEqualTo(before);
            assertThat(Appended.to(log, "next").base()).isEqualTo(SEGMENTS);
        }
    }

    @Test
    void class06_theLogIsCutOffAsItsCursorsPassAndStaysSoOverRestarts() throws IOException {
        Path folder = parent.resolve("log");
        for (int restart = 0; restart < 3; restart++) {
            try (SegmentedLog log = SegmentedLog.open(LogFixture.small(folder, OnFull.BLOCK), LogEvents.none(), new SettableClock(0), new FaultyFiles(),
                    Duration.ofSeconds(5))) {
                Cursor fast = log.cursors().open("fast", 0);
                Cursor slow = log.cursors().open("slow", 0);
                assertThat(slow.position()).as("where it was").isEqualTo(restart * 20L);
                for (int i = 0; i < 20; i++) {
                    long base = Appended.to(log, FILL).base();
                    fast.commit(base + 1, new byte[0]);
                    slow.commit(base + 1, new byte[0]);
                    assertThat(log.statistics().segments()).isLessThanOrEqualTo(SEGMENTS + 1);
                }
                assertThat(LogFixture.readFrom(log, slow.position())).as("what would be sent again").isEmpty();
            }
        }
    }

    private static SegmentedLog open(Path folder, FaultyFiles files) throws IOException {
        return SegmentedLog.open(LogFixture.settings(folder), LogEvents.none(), new SettableClock(0), files, Duration.ofSeconds(5));
    }
}
