package io.monitoringhub.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private static final String LONG_NAME = "a-backend-of-a-department-with-a-name-that-nobody-wants-to-type-more-than-once-in-life-eu-central-1";

    private static TextTable table(String name, String reason) {
        return new TextTable().column("LANE").column("STATE").column("COMMITTED").column("POSITION", 4).column("BEHIND").column("BYTES", 1)
                .column("LAG").column("WRITTEN", 3).column("BREAKER", 2).column("REASON")
                .row(name, "DEGRADED", 1_234_567_890_123L, 1_234_567_890_123L, 123_456_789L, "123.4 GiB", "123456 s", 1_234_567_890L, "half-open", reason);
    }

    @Test
    void without_a_terminal_nothing_is_left_out() {
        List<String> lines = table(LONG_NAME, "x".repeat(200)).lines(Screen.ENDLESS);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).startsWith(LONG_NAME + " DEGRADED 1234567890123 ").contains("half-open", "123.4 GiB").endsWith("x".repeat(200));
    }

    @Test
    void at_80_columns_dispensable_columns_go_names_are_shortened_in_the_middle_and_the_reason_goes_on_below() {
        String reason = "connection refused: is the destination there? It is tried again in 30 s; the entries wait in the log";
        List<String> lines = table(LONG_NAME, reason).lines(80);
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
        assertThat(lines.get(0)).contains("LANE", "STATE", "COMMITTED", "BEHIND", "LAG", "REASON").doesNotContain("POSITION", "WRITTEN");
        assertThat(lines.get(1)).matches("a-back\\S*…\\S*tral-1 .*");
        assertThat(String.join(" ", lines.subList(1, lines.size())).replaceAll(" +", " ")).contains("tried again in 30 s; the entries wait in the log");
    }

    @Test
    void short_rows_stay_one_line_each_at_80_columns() {
        assertThat(table("archive", "").lines(80)).hasSize(2);
    }

    @Test
    void colour_goes_to_the_state_only_and_only_where_it_is_wanted() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new Screen(out, 80, true).table(new TextTable().column("LANE").column("STATE").row("OK", "FAILED"));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("LANE STATE\nOK   \u001b[31mFAILED\u001b[0m\n");
        bytes.reset();
        new Screen(out, 80, false).table(new TextTable().column("LANE").column("STATE").row("OK", "FAILED"));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\u001b");
    }

    @Test
    void lines_break_between_words_and_what_has_no_blank_is_cut() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), 20, false).line("configuration /a/long/path/without/blanks and more", 4);
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(20))
                .first().isEqualTo("configuration");
    }
}
