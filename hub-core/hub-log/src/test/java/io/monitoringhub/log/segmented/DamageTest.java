package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.files.DiskFiles;
import io.monitoringhub.log.files.FilePort;
import io.monitoringhub.log.segmented.LogFixture.Stored;

/**
 * A log of two small segments, cut at every byte and with every byte changed: it opens, gives back every intact frame, says what is lost,
 * takes new frames, and is the same after the next opening.
 */
@Timeout(180)
class DamageTest {

    private static final int[] PATTERNS = {0x01, 0x80, 0xFF};
    private static final UUID ID = new UUID(1, 2);

    @TempDir
    Path parent;
    private Path folder;
    private final List<Stored> frames = List.of(new Stored(0, 2, "{\"a\":1}\n{\"b\":2}\n"), new Stored(2, 1, "x"),
            new Stored(3, 5, "five entries in one frame"), new Stored(8, 1, "ä€𝄞"), new Stored(9, 1, "yy"), new Stored(10, 3, "zzz"));
    private byte[] older;
    private byte[] newest;
    /** Where each frame ends in its segment. */
    private final List<Integer> ends = new ArrayList<>();

    @BeforeEach
    void writeSegments() throws IOException {
        folder = parent.resolve("log");
        Files.createDirectories(folder);
        older = segment(frames.subList(0, 3));
        newest = segment(frames.subList(3, 6));
    }

    private byte[] segment(List<Stored> content) throws IOException {
        DiskFiles disk = new DiskFiles();
        long base = content.get(0).base();
        try (FilePort file = SegmentWriter.create(disk, folder, new SegmentFormat.Header(ID, base, 1000))) {
            GatherBuffer gather = new GatherBuffer();
            for (Stored frame : content) {
                ByteBuffer payload = new Appended(frame.payload(), frame.count()).payload();
                gather.put(file, new Pending(new Appended(payload, frame.count()), payload, frame.count(), frame.base()), 1000);
                gather.flush(file);
                ends.add((int) file.size());
            }
        }
        Path path = folder.resolve(SegmentFormat.name(base));
        byte[] bytes = Files.readAllBytes(path);
        Files.delete(path);
        return bytes;
    }

    @Test
    void theNewestSegmentCutAtEveryByte() throws IOException {
        for (int length = 0; length <= newest.length; length++) {
            RecordedEvents events = damaged(older, Arrays.copyOf(newest, length), kept(older.length, length), "cut to " + length);
            boolean isAtBoundary = length == SegmentFormat.HEADER_BYTES || ends.subList(3, 6).contains(length);
            if (length < SegmentFormat.HEADER_BYTES) {
                assertThat(events.lines()).anyMatch(line -> line.startsWith("header damaged"));
            } else if (isAtBoundary) {
                assertThat(events.lines()).isEmpty();
            } else {
                int end = Math.max(SegmentFormat.HEADER_BYTES, lastBefore(length));
                assertThat(events.lines()).containsExactly("torn 00000000000000000008.seg " + end + " " + (length - end));
            }
        }
    }

    @Test
    void theNewestSegmentWithEveryByteChanged() throws IOException {
        for (int position = 0; position < newest.length; position++) {
            for (int pattern : PATTERNS) {
                List<Stored> kept = new ArrayList<>(frames);
                int hit = frameAt(3, position);
                if (hit >= 0) {
                    kept.remove(hit);
                }
                RecordedEvents events = damaged(older, changed(newest, position, pattern), kept, "byte " + position + " ^ " + pattern);
                if (hit < 0) {
                    assertThat(events.lines()).allMatch(line -> line.startsWith("header damaged"));
                } else if (hit == 5) {
                    assertThat(events.lines()).singleElement().asString().startsWith("torn");
                } else {
                    assertThat(events.lines()).singleElement().asString()
                            .endsWith("lost " + frames.get(hit).base() + " " + frames.get(hit + 1).base());
                }
            }
        }
    }

    @Test
    void anOlderSegmentCutAtEveryByte() throws IOException {
        for (int length = 0; length < older.length; length++) {
            RecordedEvents events = damaged(Arrays.copyOf(older, length), newest, kept(length, newest.length), "older cut to " + length);
            long lost = frames.get(3).base() - kept(length, 0).stream().mapToLong(Stored::count).sum();
            assertThat(events.lines()).last().asString().endsWith(8 - lost + " 8");
        }
    }

    @Test
    void anOlderSegmentWithEveryByteChanged() throws IOException {
        for (int position = 0; position < older.length; position++) {
            for (int pattern : PATTERNS) {
                List<Stored> kept = new ArrayList<>(frames);
                int hit = frameAt(0, position);
                if (hit >= 0) {
                    kept.remove(hit);
                }
                RecordedEvents events = damaged(changed(older, position, pattern), newest, kept,
                        "older byte " + position + " ^ " + pattern);
                assertThat(events.lines()).singleElement().asString().satisfies(line -> assertThat(line).matches(hit < 0
                        ? "header damaged .*" : ".*lost " + frames.get(hit).base() + " " + frames.get(hit + 1).base()));
            }
        }
    }

    @Test
    void garbageOfAnyLengthInTheMiddleIsSetAsideByteForByte() throws IOException {
        byte[] wrong = newest.clone();
        Arrays.fill(wrong, SegmentFormat.HEADER_BYTES, ends.get(4), (byte) 0xFF);
        RecordedEvents events = damaged(older, wrong, List.of(frames.get(0), frames.get(1), frames.get(2), frames.get(5)), "garbage");
        assertThat(events.lines()).singleElement().asString().endsWith("lost 8 10");
        assertThat(Files.readAllBytes(folder.resolve("quarantine/00000000000000000008.seg-48.bin")))
                .isEqualTo(Arrays.copyOfRange(wrong, 48, ends.get(4)));
    }

    @Test
    void anOffsetThatACursorHasPassedIsNeverGivenAgain() throws IOException {
        damaged(older, newest, frames, "whole");
        try (SegmentedLog log = open(new RecordedEvents())) {
            log.cursors().open("lane", log.durableOffset());
            assertThat(log.durableOffset()).isEqualTo(14);
        }
        Path last = folder.resolve(SegmentFormat.name(8));
        Files.write(last, Arrays.copyOf(Files.readAllBytes(last), 60));
        RecordedEvents events = new RecordedEvents();
        try (SegmentedLog log = open(events)) {
            assertThat(Appended.to(log, "new").base()).isEqualTo(14);
            assertThat(LogFixture.readFrom(log, 9)).containsExactly(new Stored(14, 1, "new"));
        }
        assertThat(events.lines()).contains("missing 8 14");
    }

    /** Opens the damaged log twice and appends each time. */
    private RecordedEvents damaged(byte[] olderBytes, byte[] newestBytes, List<Stored> kept, String what) throws IOException {
        clear();
        Files.write(folder.resolve(SegmentFormat.name(0)), olderBytes);
        Files.write(folder.resolve(SegmentFormat.name(8)), newestBytes);
        Files.writeString(folder.resolve("log.id"), identity());
        List<Stored> expected = new ArrayList<>(kept);
        RecordedEvents first = new RecordedEvents();
        try (SegmentedLog log = open(first)) {
            assertThat(log.startOffset()).as(what).isZero();
            assertThat(LogFixture.readAll(log)).as(what).isEqualTo(expected);
            long end = Math.max(8, kept.isEmpty() ? 0 : kept.get(kept.size() - 1).base() + kept.get(kept.size() - 1).count());
            Appended added = Appended.to(log, "added");
            assertThat(added.base()).as(what).isEqualTo(end);
            expected.add(new Stored(end, 1, "added"));
            assertThat(LogFixture.readAll(log)).as(what).isEqualTo(expected);
        }
        try (SegmentedLog log = open(new RecordedEvents())) {
            assertThat(LogFixture.readAll(log)).as("%s, second time", what).isEqualTo(expected);
            for (Stored frame : expected) {
                assertThat(LogFixture.readFrom(log, frame.base() + frame.count() - 1)).as("%s, from %s", what, frame).first()
                        .isEqualTo(frame);
            }
            assertThat(log.statistics().condition()).isEqualTo("ok");
        }
        return first;
    }

    private SegmentedLog open(LogEvents events) throws IOException {
        return SegmentedLog.open(LogFixture.settings(folder), events, Clock.systemUTC(), new FaultyFiles(), Duration.ofSeconds(5));
    }

    private static String identity() {
        String text = "monitoring-hub-log 1 " + ID;
        java.util.zip.CRC32C sum = new java.util.zip.CRC32C();
        sum.update(text.getBytes());
        return String.format("%s %08x%n", text, sum.getValue());
    }

    private void clear() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                Files.delete(path);
            }
        }
    }

    private List<Stored> kept(int olderLength, int newestLength) {
        List<Stored> kept = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            if (ends.get(i) <= (i < 3 ? olderLength : newestLength)) {
                kept.add(frames.get(i));
            }
        }
        return kept;
    }

    private int lastBefore(int length) {
        return ends.subList(3, 6).stream().filter(end -> end <= length).mapToInt(end -> end).max().orElse(0);
    }

    private int frameAt(int first, int position) {
        if (position < SegmentFormat.HEADER_BYTES) {
            return -1;
        }
        int i = first;
        while (ends.get(i) <= position) {
            i++;
        }
        return i;
    }

    private static byte[] changed(byte[] bytes, int position, int pattern) {
        byte[] copy = bytes.clone();
        copy[position] ^= (byte) pattern;
        return copy;
    }
}
