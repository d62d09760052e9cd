package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.LogSettings.OnFull;
import io.monitoringhub.log.segmented.LogFixture.Stored;

/**
 * One story (open, append over several segments, commit, retain, close) in which the file system refuses everything from the n-th step on,
 * for every n: what the folder holds then is what a crash at that step leaves, or a power cut when bytes that were not forced go too. The log
 * opens again and keeps its promises.
 */
@Timeout(120)
class CrashPointTest {

    @TempDir
    Path parent;

    /** What the outside was told before the crash. */
    private static final class Told {
        private final List<Long> durable = new ArrayList<>();
        private long committed;
        private boolean isWhole;
    }

    @ParameterizedTest(name = "power cut: {0}")
    @ValueSource(booleans = {false, true})
    void aCrashAtAnyStepLosesNothingThatWasPromised(boolean isPowerCut) throws IOException {
        int steps = 0;
        for (boolean isWhole = false; !isWhole; steps++) {
            Path folder = parent.resolve("crash-" + steps);
            Told told = story(folder, steps, isPowerCut);
            isWhole = told.isWhole;
            RecordedEvents events = new RecordedEvents();
            try (SegmentedLog log = SegmentedLog.open(LogFixture.small(folder, OnFull.BLOCK), events, new SettableClock(0), new FaultyFiles(),
                    Duration.ofSeconds(5))) {
                long start = log.startOffset();
                List<Long> present = LogFixture.readAll(log).stream().map(Stored::base).toList();
                assertThat(present).as("step %d", steps).containsAll(told.durable.stream().filter(base -> base >= start).toList())
                        .containsExactlyElementsOf(IntStream.range((int) start, (int) log.durableOffset()).mapToObj(i -> (long) i).toList());
                log.cursors().find("lane").ifPresent(lane -> assertThat(lane.position()).isGreaterThanOrEqualTo(told.committed));
                assertThat(told.committed).satisfies(at -> assertThat(at == 0 || log.cursors().find("lane").isPresent()).isTrue());
                assertThat(start).isLessThanOrEqualTo(log.cursors().find("lane").map(Cursor::position).orElse(0L));
                assertThat(Appended.to(log, "next").base()).isEqualTo(present.isEmpty() ? start : present.get(present.size() - 1) + 1);
                assertThat(events.lines()).as("step %d", steps).allMatch(line -> line.startsWith("leftover") || line.startsWith("torn"));
            }
        }
        assertThat(steps).isGreaterThan(60);
    }

    private static Told story(Path folder, int crashAt, boolean isPowerCut) throws IOException {
        Told told = new Told();
        FaultyFiles files = new FaultyFiles();
        AtomicInteger step = new AtomicInteger();
        files.mostBytesAtOnce(25_000);
        files.rule((kind, path) -> {
            if (step.getAndIncrement() >= crashAt) {
                throw new IOException("crashed");
            }
        });
        try (SegmentedLog log = SegmentedLog.open(LogFixture.small(folder, OnFull.BLOCK), LogEvents.none(), new SettableClock(0), files,
                Duration.ofMillis(20))) {
            Cursor cursor = log.cursors().open("lane", 0);
            for (int i = 0; i < 6; i++) {
                Appended frame = Appended.to(log, i + "x".repeat(59_000));
                awaitSettledOrStuck(log, frame);
                if (!frame.isSettled()) {
                    return told;
                }
                told.durable.add(frame.base());
                cursor.commit(i, new byte[] {(byte) i});
                told.committed = i;
            }
            told.isWhole = step.get() < crashAt;
        } catch (IOException e) {
            told.isWhole = false;
        } finally {
            if (isPowerCut) {
                files.cutPower();
            }
        }
        return told;
    }

    private static void awaitSettledOrStuck(SegmentedLog log, Appended frame) {
        while (!frame.isSettled() && log.statistics().condition().equals("ok")) {
            Thread.onSpinWait();
        }
    }
}
