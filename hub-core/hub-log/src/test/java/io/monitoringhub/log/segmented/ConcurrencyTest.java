package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.log.LogSettings.OnFull;

@Timeout(120)
class ConcurrencyTest {

    private static final int WRITERS = 3;
    private static final int FRAMES = 1500;
    private static final long ENTRIES = WRITERS * FRAMES * 2L;

    @TempDir
    Path folder;

    @Test
    void readersUnderAppendsSeeEveryEntryOnceAndInOrder() throws Exception {
        RecordedEvents events = new RecordedEvents();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 3);
        try (SegmentedLog log = SegmentedLog.open(LogFixture.small(folder, OnFull.BLOCK), events, Clock.systemUTC(), new FaultyFiles(),
                Duration.ofSeconds(20))) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Cursor cursor = log.cursors().open("lane-" + i, 0);
                int maxBytes = 1 << (10 + 4 * i);
                readers.add(threads.submit(() -> readEverything(log, cursor, maxBytes)));
            }
            List<Future<Void>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(writer(log, i)));
            }
            for (Future<Void> writer : writers) {
                writer.get();
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).isEqualTo(ENTRIES);
            }
            assertThat(log.startOffset()).as("the log was larger than its budget").isPositive();
            assertThat(log.statistics().droppedEntries()).isZero();
            assertThat(log.statistics().quarantinedFrames()).isZero();
        } finally {
            threads.shutdownNow();
        }
        assertThat(events.lines()).noneMatch(line -> line.startsWith("missing") || line.startsWith("quarantined"));
    }

    private static Callable<Void> writer(SegmentedLog log, int number) {
        return () -> {
            Appended last = null;
            for (int i = 0; i < FRAMES; i++) {
                String text = number + ":" + i + ":" + "y".repeat(i * 37 % 3000);
                last = new Appended(text, 2);
                log.append(last);
                if (i % 50 == 0) {
                    last.base();
                }
            }
            last.base();
            return null;
        };
    }

    private static long readEverything(SegmentedLog log, Cursor cursor, int maxBytes) throws IOException, InterruptedException {
        int[] nextOf = new int[WRITERS];
        long offset = 0;
        try (LogReader reader = log.reader(0)) {
            while (offset < ENTRIES) {
                for (Frame frame : reader.read(maxBytes)) {
                    assertThat(frame.baseOffset()).isEqualTo(offset);
                    offset = frame.nextOffset();
                    String[] parts = LogFixture.text(frame).split(":", -1);
                    int writer = Integer.parseInt(parts[0]);
                    assertThat(Integer.parseInt(parts[1])).isEqualTo(nextOf[writer]++);
                }
                cursor.commit(offset, new byte[0]);
                if (offset < ENTRIES) {
                    reader.await(Duration.ofSeconds(60));
                }
            }
        }
        return offset;
    }

    @Test
    void aMovedCursorAndAReaderMayBeUsedWhileRetentionRuns() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        AtomicBoolean isDone = new AtomicBoolean();
        try (SegmentedLog log = SegmentedLog.open(LogFixture.small(folder, OnFull.DROP_OLDEST), LogEvents.none(), Clock.systemUTC(),
                new FaultyFiles(), Duration.ofSeconds(20))) {
            Future<Long> slow = threads.submit(() -> {
                long last = -1;
                while (!isDone.get() || last < 0) {
                    try (LogReader reader = log.reader(0)) {
                        for (Frame frame : reader.read(100_000)) {
                            assertThat(LogFixture.text(frame)).startsWith(frame.baseOffset() + ":");
                            last = Math.max(last, frame.baseOffset());
                        }
                    }
                }
                return last;
            });
            for (int i = 0; i < 1000; i++) {
                Appended frame = Appended.to(log, i + ":" + "z".repeat(5000));
                if (i % 20 == 0) {
                    frame.base();
                }
            }
            isDone.set(true);
            assertThat(slow.get()).isNotNegative();
        } finally {
            threads.shutdownNow();
        }
    }
}
