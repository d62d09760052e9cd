package io.monitoringhub.benchmarks.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.benchmarks.message.Messages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {
    @TempDir
    Path folder;

    private ByteArrayOutputStream lines;

    @BeforeEach
    void startEmpty() {
        lines = new ByteArrayOutputStream();
    }

    @ParameterizedTest
    @ValueSource(strings = {"events-2026-11-22.jsonl", "events-2026-11-22.jsonl.gz"})
    void aCompleteFileIsClean(String name) throws IOException {
        messages(1, 1, 5_000);
        messages(2, 1, 3_000);
        write(name);

        VerificationReport report = new Verifier(folder).sent(Map.of(1, 5_000L, 2, 3_000L)).acknowledged(Map.of(1, 5_000L)).verify();

        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(report.messages()).isEqualTo(8_000);
        assertThat(report.highest()).isEqualTo(Map.of(1, 5_000L, 2, 3_000L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"events.jsonl", "events.jsonl.gz"})
    void missingDoubledAndSwappedMessagesAreFound(String name) throws IOException {
        messages(1, 1, 99);
        messages(1, 101, 200);
        messages(1, 150, 151);
        message(1, 202);
        message(1, 201);
        write(name);

        VerificationReport report = new Verifier(folder).sent(Map.of(1, 210L)).verify();

        assertThat(report.missing()).isEqualTo(1 + 8);
        assertThat(report.doubled()).isEqualTo(2);
        assertThat(report.outOfOrder()).isEqualTo(1);
        assertThat(report.torn() + report.altered() + report.foreign()).isZero();
        assertThat(report.examples()).anyMatch(text -> text.contains("the first is 100"))
                .anyMatch(text -> text.contains("doubled") && text.contains("1/150"));
        assertThat(report.isSound()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"events.jsonl", "events.jsonl.gz"})
    void tornGluedAlteredAndForeignLinesAreFound(String name) throws IOException {
        messages(1, 1, 10);
        byte[] line = Messages.line(1, 11, 5);
        lines.write(line, 0, 60);
        lines.write('\n');
        lines.write(line, 0, 100);
        lines.write(line, 0, line.length);
        byte[] changed = Messages.line(1, 12, 5);
        changed[20] ^= 1;
        lines.writeBytes(changed);
        lines.writeBytes("{\"v\":1}\n\n".getBytes(StandardCharsets.UTF_8));
        lines.write(line, 0, 50);
        write(name);

        VerificationReport report = new Verifier(folder).sent(Map.of(1, 12L)).verify();

        assertThat(report.torn()).as("cut, glued, empty, no newline").isEqualTo(4);
        assertThat(report.altered()).isEqualTo(1);
        assertThat(report.foreign()).isEqualTo(1);
        assertThat(report.missing()).isEqualTo(2);
    }

    @Test
    void acknowledgedMessagesMustBeThereOthersNeedNot() throws IOException {
        messages(1, 1, 100);
        write("events.jsonl");

        VerificationReport lost = new Verifier(folder).sent(Map.of(1, 150L, 2, 10L)).acknowledged(Map.of(1, 101L)).verify();
        VerificationReport kept = new Verifier(folder).sent(Map.of(1, 150L, 2, 10L)).acknowledged(Map.of(1, 100L)).verify();

        assertThat(lost.missingAcknowledged()).isEqualTo(1);
        assertThat(lost.isSound()).isFalse();
        assertThat(kept.missing()).isEqualTo(60);
        assertThat(kept.isSound()).isTrue();
    }

    @Test
    void rotatedFilesAreReadInTheOrderOfTheirNumbers() throws IOException {
        for (int part = 0; part <= 11; part++) {
            messages(3, part * 50 + 1, part * 50 + 50);
            write("events-2026-11-22" + (part == 0 ? "" : "." + part) + ".jsonl" + (part < 5 ? ".gz" : ""));
        }
        messages(3, 601, 650);
        write("events-2026-11-23.jsonl");

        VerificationReport report = new Verifier(folder).sent(Map.of(3, 650L)).verify();

        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(report.files()).isEqualTo(13);
    }

    @Test
    void filesOfDifferentSourcesAreNotComparedInOrder() throws IOException {
        messages(1, 2, 2);
        write("queue/events-2026-11-22.jsonl");
        messages(1, 1, 1);
        messages(1, 3, 3);
        write("web/events-2026-11-22.jsonl");

        assertThat(new Verifier(folder).sent(Map.of(1, 3L)).verify().isClean()).isTrue();
    }

    @Test
    void numbersThatWereNeverSentAreFound() throws IOException {
        messages(1, 1, 11);
        write("events.jsonl");
        assertThat(new Verifier(folder).sent(Map.of(1, 10L)).verify().unsent()).isEqualTo(1);
    }

    @Test
    void aCompressedFileThatIsCutIsTornAndNotAnAbort() throws IOException {
        messages(1, 1, 5_000);
        write("events.jsonl.gz");
        byte[] whole = Files.readAllBytes(folder.resolve("events.jsonl.gz"));
        Files.write(folder.resolve("events.jsonl.gz"), Arrays.copyOf(whole, whole.length / 2));
        assertThat(new Verifier(folder).verify().torn()).isPositive();
    }

    @Test
    void missingNumbersAreCountedAtEveryEdgeOfAWord() {
        SeenNumbers numbers = new SeenNumbers();
        for (long number = 1; number <= 200; number++) {
            assertThat(numbers.add(number)).isTrue();
            assertThat(numbers.missing(number)).isZero();
            assertThat(numbers.missing(number + 1)).isEqualTo(1);
            assertThat(numbers.firstMissing(1, number)).isZero();
            assertThat(numbers.firstMissing(1, number + 5)).isEqualTo(number + 1);
        }
        assertThat(numbers.add(128)).isFalse();
        assertThat(numbers.missing(1_000_000)).isEqualTo(999_800);
    }

    @Test
    void progressCountsOnlyWhatIsNewAndFollowsRotation() throws Exception {
        FileProgress progress = new FileProgress(folder.resolve("later"));
        assertThat(progress.count()).isZero();
        messages(1, 1, 1_000);
        write("later/events.jsonl");
        assertThat(progress.count()).isEqualTo(1_000);
        messages(1, 1_001, 1_500);
        Files.write(folder.resolve("later/events.jsonl"), lines.toByteArray(), StandardOpenOption.APPEND);
        assertThat(progress.count()).isEqualTo(1_500);
        Files.move(folder.resolve("later/events.jsonl"), folder.resolve("later/events.1.jsonl"));
        lines.reset();
        messages(1, 1_501, 1_600);
        write("later/events.jsonl.gz");
        assertThat(progress.count()).isEqualTo(1_600);
        assertThat(progress.bytes()).isEqualTo(Messages.bytes(1, 1_600));
        assertThat(progress.awaitCount(1_600, Duration.ofSeconds(5))).isLessThanOrEqualTo(System.nanoTime());
        Files.writeString(folder.resolve("later/events.1.jsonl"), "{}\n");
        assertThat(progress.count()).as("a shortened file is read anew").isEqualTo(101);
        assertThatThrownBy(() -> progress.awaitBytes(Long.MAX_VALUE, Duration.ZERO)).isInstanceOf(TimeoutException.class)
                .hasMessageContaining("in 2 files");
    }

    private void messages(int connection, long first, long last) {
        for (long number = first; number <= last; number++) {
            message(connection, number);
        }
    }

    private void message(int connection, long number) {
        lines.writeBytes(Messages.line(connection, number, 1_795_000_000_000L + number));
    }

    private void write(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (OutputStream raw = Files.newOutputStream(file); OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
            lines.writeTo(out);
        }
        lines.reset();
    }
}
