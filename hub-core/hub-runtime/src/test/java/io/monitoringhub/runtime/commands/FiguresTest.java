package io.monitoringhub.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void aLagIsShownInSecondsHoweverLongItIs() {
        assertThat(Figures.seconds(Duration.ZERO)).isEqualTo("0.0 s");
        assertThat(Figures.seconds(Duration.ofMillis(20_260))).isEqualTo("20.3 s");
        assertThat(Figures.seconds(Duration.ofHours(1))).isEqualTo("3600 s");
    }

    @Test
    void aLagInBytesHasTheUnitThatFits() {
        assertThat(Figures.bytes(0)).isEqualTo("0 B");
        assertThat(Figures.bytes(3L << 30)).isEqualTo("3.0 GiB");
    }
}
