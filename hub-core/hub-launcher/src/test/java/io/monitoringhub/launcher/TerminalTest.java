package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

    @Test
    void without_columns_there_is_no_terminal_and_no_colour() {
        assertThat(Terminal.of(Map.of("TERM", "xterm")).announcement()).isEmpty();
        assertThat(Terminal.of(Map.of("TERM", "xterm", "TERMINAL_COLUMNS", "0")).announcement()).isEmpty();
        assertThat(Terminal.of(Map.of()).width()).isEqualTo(80);
    }

    @Test
    void colour_is_on_a_terminal_only_and_never_with_no_color_or_a_dumb_one() {
        assertThat(Terminal.of(Map.of("TERM", "xterm", "TERMINAL_COLUMNS", "100")).announcement()).isEqualTo("#terminal 100 colour");
        assertThat(Terminal.of(Map.of("TERM", "xterm", "TERMINAL_COLUMNS", "100", "NO_COLOR", "1")).announcement()).isEqualTo("#terminal 100");
        assertThat(Terminal.of(Map.of("TERM", "dumb", "TERMINAL_COLUMNS", "10")).announcement()).as("at least 40").isEqualTo("#terminal 40");
        assertThat(Terminal.of(Map.of("TERM", "xterm", "TERMINAL_COLUMNS", "80", "NO_COLOR", "")).hasColour()).as("empty is not set").isTrue();
    }
}
