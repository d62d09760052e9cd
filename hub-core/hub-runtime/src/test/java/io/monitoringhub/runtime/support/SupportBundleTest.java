package io.monitoringhub.runtime.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupportBundleTest {

    @TempDir
    private Path folder;

    @Test
    void what_cannot_be_read_is_named_and_the_rest_is_there() throws Exception {
        Path file = folder.resolve("bundle.zip");
        try (SupportBundle bundle = SupportBundle.create(file, Redaction.of(List.of()))) {
            bundle.text("bad.txt", () -> {
                throw new IOException("no such device");
            });
            bundle.text("good.txt", () -> "password=hidden\n");
            bundle.tail("none.log", folder.resolve("none.log"), 100);
            assertThat(bundle.names()).containsExactly("bad.txt", "good.txt");
        }
        assertThat(entry(file, "bad.txt")).isEqualTo("could not be read: java.io.IOException: no such device\n");
        assertThat(entry(file, "good.txt")).isEqualTo("password=***\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    }

    @Test
    void the_end_of_a_long_file_begins_with_a_whole_line() throws Exception {
        Path log = Files.writeString(folder.resolve("hub.log"), "first line\nsecond line\nthird line\n");
        Path file = folder.resolve("bundle.zip");
        try (SupportBundle bundle = SupportBundle.create(file, Redaction.of(List.of()))) {
            bundle.tail("hub.log", log, 16);
        }
        assertThat(entry(file, "hub.log")).isEqualTo("... 18 bytes before this are left out\nthird line\n");
    }

    @Test
    void entries_and_their_sum_are_bounded() throws Exception {
        Path file = folder.resolve("bundle.zip");
        String big = "x".repeat(SupportBundle.MOST_BYTES_OF_AN_ENTRY + 5);
        try (SupportBundle bundle = SupportBundle.create(file, Redaction.of(List.of()))) {
            for (int i = 0; i < 5; i++) {
                bundle.text(i + ".txt", () -> big);
            }
        }
        assertThat(entry(file, "0.txt")).endsWith("x\n... cut: 5 bytes more\n");
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.stream().mapToLong(each -> each.getSize()).sum()).isLessThan(SupportBundle.MOST_BYTES + 500);
        }
    }

    @Test
    void a_file_that_exists_is_left_alone() throws Exception {
        Path file = Files.writeString(folder.resolve("bundle.zip"), "mine");
        assertThatThrownBy(() -> SupportBundle.create(file, Redaction.of(List.of()))).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("mine");
    }

    private static String entry(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return new String(zip.getInputStream(zip.getEntry("hub-support/" + name)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
