package io.monitoringhub.log.segmented;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.segmented.LogFixture.Stored;

/** Folders that earlier versions wrote can be read for ever. format-1 was written by another program, from docs/log-format.md. */
@Timeout(60)
class FormatTest {

    private static final String SEGMENT = "00000000000000000040.seg";
    private static final String CURSOR = "cursors/backend%3As3%2Farchive.cursor";

    @TempDir
    Path folder;
    private final RecordedEvents events = new RecordedEvents();
    private Path golden;

    @BeforeEach
    void copyGolden() throws IOException, URISyntaxException {
        golden = Path.of(FormatTest.class.getResource("/format-1/log.id").toURI()).getParent();
        Files.createDirectories(folder.resolve("cursors"));
        for (String name : List.of(SEGMENT, CURSOR, "log.id")) {
            Files.copy(golden.resolve(name), folder.resolve(name));
        }
    }

    private SegmentedLog open() throws IOException {
        return SegmentedLog.open(LogFixture.settings(folder), events, new SettableClock(1_700_000_000_001L));
    }

    @Test
    void version1IsRead() throws IOException {
        try (SegmentedLog log = open()) {
            assertThat(log.id()).isEqualTo("01234567-89ab-cdef-8000-fedcba987654");
            assertThat(log.startOffset()).isEqualTo(40);
            assertThat(log.durableOffset()).isEqualTo(43);
            assertThat(LogFixture.readAll(log)).extracting(Stored::base, Stored::count).containsExactly(
                    org.assertj.core.api.Assertions.tuple(40L, 2), org.assertj.core.api.Assertions.tuple(42L, 1));
            Cursor cursor = log.cursors().find("backend:s3/archive").orElseThrow();
            assertThat(cursor.position()).isEqualTo(42);
            assertThat(cursor.state()).containsExactly(1, 2, 3);
        }
        assertThat(events.lines()).isEmpty();
    }

    @Test
    void version1IsWrittenByteForByte() throws IOException {
        byte[] expected = Files.readAllBytes(golden.resolve(SEGMENT));
        Path segment = folder.resolve(SEGMENT);
        ByteBuffer header = SegmentFormat.encode(SegmentFormat.decode(ByteBuffer.wrap(expected), segment).orElseThrow());
        Files.write(segment, header.array());
        Files.delete(folder.resolve(CURSOR));
        try (SegmentedLog log = open()) {
            log.append(new Appended("{\"a\":1}\n{\"b\":\"ü\"}\n", 2));
            Appended last = new Appended(ByteBuffer.wrap(new byte[] {0, (byte) 0xFF}), 1);
            log.append(last);
            assertThat(last.base()).isEqualTo(42);
            log.cursors().open("backend:s3/archive", 40).commit(42, new byte[] {1, 2, 3});
        }
        assertThat(segment).hasBinaryContent(expected);
        assertThat(folder.resolve(CURSOR)).hasBinaryContent(Files.readAllBytes(golden.resolve(CURSOR)));
    }

    @Test
    void aLostIdentityIsWrittenAgainByteForByte() throws IOException {
        Files.delete(folder.resolve("log.id"));
        open().close();
        assertThat(folder.resolve("log.id")).hasBinaryContent(Files.readAllBytes(golden.resolve("log.id")));
    }

    @Test
    void aLaterVersionIsRefusedWithAReasonAndLeftAlone() throws IOException {
        byte[] bytes = Files.readAllBytes(golden.resolve(SEGMENT));
        bytes[7] = 2;
        java.util.zip.CRC32C sum = new java.util.zip.CRC32C();
        sum.update(bytes, 0, 44);
        ByteBuffer.wrap(bytes).putInt(44, (int) sum.getValue());
        Files.write(folder.resolve(SEGMENT), bytes);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("format version 2");
        assertThat(folder.resolve(SEGMENT)).hasBinaryContent(bytes);
    }

    @Test
    void aSegmentOfAnotherLogIsLeftAloneAndReported() throws IOException {
        byte[] bytes = SegmentFormat.encode(new SegmentFormat.Header(new java.util.UUID(3, 4), 7, 0)).array();
        Files.write(folder.resolve(SegmentFormat.name(7)), bytes);
        try (SegmentedLog log = open()) {
            assertThat(log.startOffset()).isEqualTo(40);
        }
        assertThat(events.lines()).containsExactly("foreign 00000000000000000007.seg");
        assertThat(folder.resolve(SegmentFormat.name(7))).hasBinaryContent(bytes);
    }
}
