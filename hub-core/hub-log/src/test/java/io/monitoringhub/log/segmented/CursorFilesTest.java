package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.Cursor;

@Timeout(180)
class CursorFilesTest {

    @TempDir
    Path folder;
    private final RecordedEvents events = new RecordedEvents();

    private SegmentedLog open() throws IOException {
        return SegmentedLog.open(LogFixture.settings(folder), events, Clock.systemUTC());
    }

    private SegmentedLog openWithTenEntries() throws IOException {
        SegmentedLog log = open();
        Appended frame = new Appended("ten", 10);
        log.append(frame);
        frame.base();
        return log;
    }

    @Test
    void positionAndStateOutliveTheProcess() throws IOException {
        try (SegmentedLog log = openWithTenEntries()) {
            Cursor cursor = log.cursors().open("backend:s3/archive", 2);
            assertThat(cursor.position()).isEqualTo(2);
            assertThat(cursor.state()).isEmpty();
            cursor.commit(7, new byte[] {1, 2, 3});
            assertThat(log.cursors().open("backend:s3/archive", 0)).isSameAs(cursor);
        }
        try (SegmentedLog log = open()) {
            Cursor cursor = log.cursors().find("backend:s3/archive").orElseThrow();
            assertThat(cursor.position()).isEqualTo(7);
            assertThat(cursor.state()).containsExactly(1, 2, 3);
            assertThat(log.cursors().all()).containsExactly(cursor);
        }
    }

    @Test
    void aCommitIsNeverBackwardsAndNeverBeyondTheDurableEnd() throws IOException {
        try (SegmentedLog log = openWithTenEntries()) {
            Cursor cursor = log.cursors().open("lane", 5);
            assertThatThrownBy(() -> cursor.commit(4, new byte[0])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> cursor.commit(11, new byte[0])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.cursors().open("other", 11)).isInstanceOf(IllegalArgumentException.class);
            cursor.commit(5, new byte[0]);
            cursor.commit(10, new byte[] {9});
            cursor.move(0);
            assertThat(cursor.position()).isZero();
            assertThat(cursor.state()).containsExactly(9);
        }
    }

    @Test
    void namesOfAnyKindAreKeptApart() throws IOException {
        String[] names = {"a", "A", "a/b", "a%2Fb", "../x", "ü", "a b", ".", "con:1"};
        try (SegmentedLog log = openWithTenEntries()) {
            for (int i = 0; i < names.length; i++) {
                log.cursors().open(names[i], i);
            }
        }
        try (SegmentedLog log = open()) {
            for (int i = 0; i < names.length; i++) {
                assertThat(log.cursors().find(names[i]).orElseThrow().position()).isEqualTo(i);
            }
            assertThatThrownBy(() -> log.cursors().open("", 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.cursors().open("x".repeat(300), 0)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(events.lines()).isEmpty();
    }

    @Test
    void aDroppedCursorIsGoneForGood() throws IOException {
        try (SegmentedLog log = openWithTenEntries()) {
            Cursor cursor = log.cursors().open("lane", 5);
            log.cursors().drop("lane");
            log.cursors().drop("lane");
            assertThat(log.cursors().find("lane")).isEmpty();
            assertThatThrownBy(() -> cursor.commit(6, new byte[0])).isInstanceOf(IllegalStateException.class);
        }
        try (SegmentedLog log = open()) {
            assertThat(log.cursors().all()).isEmpty();
        }
    }

    @Test
    void aDamagedCursorIsSetAsideAndHoldsBackRetentionUntilItIsOpened() throws IOException {
        try (SegmentedLog log = openWithTenEntries()) {
            log.cursors().open("lane", 5);
        }
        Path file = folder.resolve("cursors/lane.cursor");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            try (SegmentedLog log = open()) {
                assertThat(log.cursors().find("lane")).as("cut to %d", length).isEmpty();
                assertThat(folder.resolve("cursors/lane.cursor.corrupt")).hasSize(length);
            }
        }
        assertThat(events.lines()).hasSize(whole.length).allMatch("cursor unreadable lane"::equals);
        try (SegmentedLog log = open()) {
            assertThat(log.cursors().open("lane", log.durableOffset()).position()).as("nobody knows how far it was").isZero();
        }
        try (SegmentedLog log = open()) {
            assertThat(log.cursors().find("lane").orElseThrow().position()).isZero();
        }
    }

    @Test
    void anInterruptedThreadStillCommits() throws IOException {
        try (SegmentedLog log = openWithTenEntries()) {
            Cursor cursor = log.cursors().open("lane", 0);
            Thread.currentThread().interrupt();
            cursor.commit(3, new byte[0]);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(cursor.position()).isEqualTo(3);
        }
    }
}
