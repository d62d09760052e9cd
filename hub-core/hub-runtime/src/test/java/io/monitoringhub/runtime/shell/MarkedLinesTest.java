package io.monitoringhub.runtime.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MarkedLinesTest {

    private final StringBuilder sent = new StringBuilder();
    private final MarkedLines lines = new MarkedLines('!', line -> sent.append(StandardCharsets.UTF_8.decode(line)));

    @Test
    void marksEveryLineAndSendsWholeOnes() throws IOException {
        write("one\n\ntw");
        assertThat(sent).hasToString("!one\n!\n");
        write("o\n");
        assertThat(sent).hasToString("!one\n!\n!two\n");
    }

    @Test
    void endsWhatACommandLeftUnfinished() throws IOException {
        write("prompt> ");
        lines.finishLine();
        lines.finishLine();
        assertThat(sent).hasToString("!prompt> \n");
    }

    @Test
    void breaksALineThatNeverEnds() throws IOException {
        write("x".repeat(200_000));
        lines.finishLine();
        assertThat(sent.toString().lines()).hasSize(4).allMatch(line -> line.startsWith("!x") && line.length() <= 64 * 1024);
        assertThat(sent.toString().chars().filter(c -> c == 'x').count()).isEqualTo(200_000);
    }

    private void write(String text) throws IOException {
        lines.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
