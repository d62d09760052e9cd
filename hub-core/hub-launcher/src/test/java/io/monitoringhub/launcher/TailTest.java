package io.monitoringhub.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TailTest {

    private static final List<String> ARGUMENTS = List.of("--grep", "it's \\d", "-n", "3");
    private static final String WORDS = "hub:tail '--grep' 'it\\'s \\\\d' '-n' '3'";

    @Test
    void whatIsNoTerminalGetsPlainLines() {
        assertThat(Tail.command(ARGUMENTS, Map.of("COLUMNS", "120"), false)).isEqualTo(WORDS);
        assertThat(Tail.command(List.of(), Map.of(), false)).isEqualTo("hub:tail ");
    }

    @Test
    void aTerminalGetsItsWidthAndColourUnlessItWantsNone() {
        assertThat(Tail.command(ARGUMENTS, Map.of("COLUMNS", "120"), true)).isEqualTo(WORDS + " '--width' '120' '--color'");
        assertThat(Tail.command(ARGUMENTS, Map.of("COLUMNS", "120", "NO_COLOR", "1"), true)).isEqualTo(WORDS + " '--width' '120'");
        assertThat(Tail.command(ARGUMENTS, Map.of("COLUMNS", "120", "TERM", "dumb"), true)).isEqualTo(WORDS + " '--width' '120'");
    }
}
