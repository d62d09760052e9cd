package io.monitoringhub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void numbersMayBeShort() {
        Arguments arguments = new Arguments(new String[] {"--a", "10m", "--b", "500k", "--c", "1_000", "--keep"}, "keep");
        assertThat(arguments.number("a", 0)).isEqualTo(10_000_000);
        assertThat(arguments.number("b", 0)).isEqualTo(500_000);
        assertThat(arguments.number("c", 0)).isEqualTo(1_000);
        assertThat(arguments.number("d", 7)).isEqualTo(7);
        assertThat(arguments.isSet("keep")).isTrue();
        arguments.noOthers();
    }

    @Test
    void aTypingErrorIsRefused() {
        assertThatThrownBy(() -> new Arguments(new String[] {"--mesages", "5"}).noOthers()).hasMessage("unknown option --mesages");
        assertThatThrownBy(() -> new Arguments(new String[] {"--rate"})).hasMessage("--rate needs a value");
        assertThatThrownBy(() -> new Arguments(new String[] {"--rate", "x"}).number("rate", 0)).hasMessageContaining("whole number");
        assertThatThrownBy(() -> new Arguments(new String[] {"rate"})).hasMessageContaining("no option");
    }
}
