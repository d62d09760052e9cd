package io.monitoringhub.delivery.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterFilesTest {

    private static final DeadLetterSettings ROOMY = block(1 << 20);

    @TempDir
    private Path folder;

    @Test
    void aLetterIsOneLineOfJson() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder.resolve("dead"), ROOMY);
        files.append("archive", List.of(letter(7, "{\"msg\":\"\u00e4\\n\"}".getBytes(StandardCharsets.UTF_8), "no \"such\"\tcolumn")));

        assertThat(files.latest("archive", 10)).containsExactly("{\"lane\":\"archive\",\"log\":\"log-1\",\"offset\":7,"
                + "\"time\":\"2026-11-22T12:00:00Z\",\"source\":\"s\",\"type\":\"event\",\"level\":\"warn\",\"ts\":5,\"received\":6,\"reason\":\"mapping\",\"detail\":\"no \\\"such\\\"\\u0009column\","
                + "\"message\":\"{\\\"msg\\\":\\\"\u00e4\\\\n\\\"}\"}");
        assertThat(files.count("archive")).isEqualTo(1);
        assertThat(files.count("other")).isZero();
    }

    @Test
    void bytesThatAreNoTextAreKeptAsBase64() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY);
        files.append("archive", List.of(letter(7, new byte[] {(byte) 0xFF, 0, 1}, "")));
        assertThat(files.latest("archive", 1).get(0)).endsWith("\"message_base64\":\"/wAB\"}");
    }

    @Test
    void aLineThatACrashCutOffIsRemovedByTheNextAppend() throws IOException {
        new DeadLetterFiles(folder, ROOMY).append("archive", List.of(letter(1, new byte[0], "")));
        Path file = folder.resolve("archive/dead-000001.ldjson");
        Files.writeString(file, "{\"lane\":\"arch", StandardOpenOption.APPEND);
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY);
        files.append("archive", List.of(letter(2, new byte[0], "")));

        assertThat(files.latest("archive", 10)).hasSize(2).allMatch(line -> line.endsWith("}"));
        assertThat(files.count("archive")).isEqualTo(2);
        assertThat(new DeadLetterFiles(folder, ROOMY).count("archive")).isEqualTo(2);
    }

    @Test
    void aFullFileIsFollowedByTheNextAndOldOnesStay() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY, 450);
        for (int i = 0; i < 9; i++) {
            files.append("archive", List.of(letter(i, new byte[0], "")));
        }
        assertThat(files.files("archive")).hasSize(3);
        assertThat(files.latest("archive", 4)).hasSize(4).last().asString().contains("\"offset\":8,");
        assertThat(files.latest("archive", 4)).first().asString().contains("\"offset\":5,");
    }

    @Test
    void whenFullItRefusesSaysWhyAndStoresNothing() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, block(400));
        files.append("archive", List.of(letter(1, new byte[0], "")));
        assertThatThrownBy(() -> files.append("archive", List.of(letter(2, new byte[100], ""), letter(3, new byte[100], ""))))
                .isInstanceOf(DeadLettersFullException.class).hasMessageContaining("move or delete the oldest files");
        assertThat(files.count("archive")).isEqualTo(1);

        Files.delete(folder.resolve("archive/dead-000001.ldjson"));
        files.append("archive", List.of(letter(2, new byte[0], "")));
        assertThat(files.latest("archive", 10)).hasSize(1);
    }

    @Test
    void whatWasWrittenIsReadAgain() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY);
        byte[] text = "{\"msg\":\"\u00e4 \ud83d\ude00 \\n \\\\ \"}".getBytes(StandardCharsets.UTF_8);
        byte[] bytes = {(byte) 0xFF, 0, 1};
        files.append("archive", List.of(letter(7, text, "no \"such\"\tcolumn\r\n"), letter(8, bytes, "")));
        List<DeadLetter> read = files.read("archive", files.parts("archive").get(0));

        assertThat(read).hasSize(2);
        assertThat(read.get(0)).usingRecursiveComparison().isEqualTo(letter(7, text, "no \"such\"\tcolumn\r\n"));
        assertThat(read.get(1).entry().message()).isEqualTo(bytes);
    }

    @Test
    void removesNamedLettersAndKeepsTheRestAndWhatIsNone() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY);
        files.append("archive", List.of(letter(1, new byte[0], ""), letter(2, new byte[0], ""), letter(3, new byte[0], "")));
        Path file = folder.resolve("archive/dead-000001.ldjson");
        Files.writeString(file, "a note of mine\n{\"lane\":\"torn", StandardOpenOption.APPEND);

        assertThat(files.remove("archive", "dead-000001.ldjson", Set.of(new DeadLetter.Id("log-1", 2), new DeadLetter.Id("log-2", 3)))).isEqualTo(1);
        assertThat(files.read("archive", "dead-000001.ldjson")).extracting(DeadLetter::offset).containsExactly(1L, 3L);
        assertThat(Files.readString(file)).endsWith("a note of mine\n");
        assertThat(files.count("archive")).isEqualTo(3);
        assertThat(folder.resolve("archive").toFile().list()).as("nothing is left over").containsExactly("dead-000001.ldjson");
        assertThat(files.removeAll("archive")).isEqualTo(3);
        assertThat(files.lanes()).isEmpty();
    }

    @Test
    void aPartWithoutLettersIsGone() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, ROOMY);
        files.append("archive", List.of(letter(1, new byte[0], "")));
        files.remove("archive", "dead-000001.ldjson", Set.of(new DeadLetter.Id("log-1", 1)));
        assertThat(files.parts("archive")).isEmpty();
        assertThat(files.count("archive")).isZero();
    }

    @Test
    void whenFullItDropsTheOldestIfItIsToldTo() throws IOException {
        DeadLetterFiles files = new DeadLetterFiles(folder, new DeadLetterSettings(1000, DeadLetterSettings.OnFull.DROP_OLDEST));
        for (int i = 0; i < 20; i++) {
            files.append("archive", List.of(letter(i, new byte[0], "")));
        }
        assertThat(files.bytes("archive")).isBetween(500L, 1000L);
        assertThat(files.latest("archive", 1).get(0)).contains("\"offset\":19,");
        assertThat(files.count("archive") + files.dropped("archive")).isEqualTo(20);
        assertThatThrownBy(() -> files.append("archive", List.of(letter(20, new byte[2000], "")))).isInstanceOf(DeadLettersFullException.class);
        assertThat(files.latest("archive", 1).get(0)).as("nothing was dropped for it").contains("\"offset\":19,");
    }

    private static DeadLetter letter(long offset, byte[] message, String detail) {
        return new DeadLetter("archive", new DeadLetter.Id("log-1", offset), Instant.parse("2026-11-22T12:00:00Z"), "mapping", detail,
                new DeadLetter.Entry("s", MessageType.EVENT, Optional.of(Level.WARN), 5, 6, message));
    }

    private static DeadLetterSettings block(long bytes) {
        return new DeadLetterSettings(bytes, DeadLetterSettings.OnFull.BLOCK);
    }
}
