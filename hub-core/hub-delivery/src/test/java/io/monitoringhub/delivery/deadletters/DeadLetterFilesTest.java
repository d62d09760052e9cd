package io.monitoringhub.delivery.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterFilesTest {

    @TempDir
    private Path folder;

    @Test
    void aLetterIsOneLineOfJson() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder.resolve("dead"), 1 << 20);
        files.append("archive", List.of(letter(7, "{\"msg\":\"\u00e4\\n\"}".getBytes(StandardCharsets.UTF_8), "no \"such\"\tcolumn")));

        assertThat(files.latest("archive", 10)).containsExactly("{\"lane\":\"archive\",\"log\":\"log-1\",\"offset\":7,"
                + "\"time\":\"2026-11-22T12:00:00Z\",\"source\":\"s\",\"reason\":\"mapping\",\"detail\":\"no \\\"such\\\"\\u0009column\","
                + "\"message\":\"{\\\"msg\\\":\\\"\u00e4\\\\n\\\"}\"}");
        assertThat(files.count("archive")).isEqualTo(1);
        assertThat(files.count("other")).isZero();
    }

    @Test
    void bytesThatAreNoTextAreKeptAsBase64() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, 1 << 20);
        files.append("archive", List.of(letter(7, new byte[] {(byte) 0xFF, 0, 1}, "")));
        assertThat(files.latest("archive", 1).get(0)).endsWith("\"message_base64\":\"/wAB\"}");
    }

    @Test
    void aLineThatACrashCutOffIsRemovedByTheNextAppend() throws IOException {
        new DeadLetterFiles(folder, 1 << 20).append("archive", List.of(letter(1, new byte[0], "")));
        Path file = folder.resolve("archive/dead-000001.ldjson");
        Files.writeString(file, "{\"lane\":\"arch", StandardOpenOption.APPEND);
        DeadLetterFiles files = new DeadLetterFiles(folder, 1 << 20);
        files.append("archive", List.of(letter(2, new byte[0], "")));

        assertThat(files.latest("archive", 10)).hasSize(2).allMatch(line -> line.endsWith("}"));
        assertThat(files.count("archive")).isEqualTo(2);
        assertThat(new DeadLetterFiles(folder, 1 << 20).count("archive")).isEqualTo(2);
    }

    @Test
    void aFullFileIsFollowedByTheNextAndOldOnesStay() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, 1 << 20, 300);
        for (int i = 0; i < 9; i++) {
            files.append("archive", List.of(letter(i, new byte[0], "")));
        }
        assertThat(files.files("archive")).hasSize(3);
        assertThat(files.latest("archive", 4)).hasSize(4).last().asString().contains("\"offset\":8,");
        assertThat(files.latest("archive", 4)).first().asString().contains("\"offset\":5,");
    }

    @Test
    void whenFullItRefusesSaysWhyAndStoresNothing() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, 400);
        files.append("archive", List.of(letter(1, new byte[0], "")));
        assertThatThrownBy(() -> files.append("archive", List.of(letter(2, new byte[100], ""), letter(3, new byte[100], ""))))
                .isInstanceOf(DeadLettersFullException.class).hasMessageContaining("move or delete the oldest files");
        assertThat(files.count("archive")).isEqualTo(1);

        Files.delete(folder.resolve("archive/dead-000001.ldjson"));
        files.append("archive", List.of(letter(2, new byte[0], "")));
        assertThat(files.latest("archive", 10)).hasSize(1);
    }

    private static DeadLetter letter(long offset, byte[] message, String detail) {
        return new DeadLetter("archive", "log-1", offset, Instant.parse("2026-11-22T12:00:00Z"), "s", "mapping", detail, message);
    }
}
