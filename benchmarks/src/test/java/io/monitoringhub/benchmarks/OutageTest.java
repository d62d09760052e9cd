package io.monitoringhub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.monitoringhub.benchmarks.load.LatencyHistogram;
import io.monitoringhub.benchmarks.load.LoadReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OutageTest {
    private static OutageSettings settings(String... words) {
        List<String> all = new ArrayList<>(List.of("--tarball", "hub.tar.gz", "--work", "/tmp/work"));
        all.addAll(Arrays.asList(words));
        return OutageSettings.of(new Arguments(all.toArray(String[]::new)));
    }

    @Test
    void anHourAtFiveThousandIsTheDefaultAndHasRoomForAll() {
        OutageSettings hour = settings();
        assertThat(hour.rate()).isEqualTo(5_000);
        assertThat(hour.seconds()).isEqualTo(3_600);
        assertThat(hour.durability()).isEqualTo("sync");
        assertThat(hour.roomBytes()).isGreaterThan(18_000_000L * 210).isLessThan(9_000_000_000L);
        assertThat(hour.budgetBytes()).isGreaterThan(hour.roomBytes());
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThatThrownBy(() -> settings("--rat", "5")).hasMessage("unknown option --rat");
        assertThatThrownBy(() -> settings("--seconds", "3")).hasMessageContaining("--seconds at least 4");
        assertThatThrownBy(() -> settings("--rate", "0")).hasMessageContaining("--rate");
        assertThatThrownBy(() -> OutageSettings.of(new Arguments(new String[] {"--work", "x"}))).hasMessage("--tarball is missing");
    }

    @Test
    void catchingUpCountsFromTheFirstEntryAndFromTheRepair() {
        CatchUp caughtUp = new CatchUp(100_000, 15, 5, 1_000);
        assertThat(caughtUp.rate()).isCloseTo(20_000, within(0.1));
        assertThat(caughtUp.times()).isCloseTo(20, within(0.01));
        assertThat(caughtUp.timesFromRepair()).isCloseTo(5, within(0.01));
        assertThat(caughtUp.toString()).contains("100,000 entries in 5.0 s", "20.0 times", "15.0 s after the repair", "5.0 times");
        assertThat(caughtUp.json()).containsEntry("entries", 100_000L);
    }

    @Test
    void aPhaseShowsTheRangeOfItsSamples() {
        LongSummaryStatistics resident = new LongSummaryStatistics();
        resident.accept(150_000_000);
        resident.accept(170_000_000);
        Phase phase = new Phase("before", new LoadReport(List.of(), 0, 1_000_000_000, 0, new LatencyHistogram()), resident,
                new LongSummaryStatistics(), OptionalLong.of(80_400_000));
        assertThat(phase.row()).startsWith("| before | 1 | 0 |").endsWith("| 150 to 170 | ? | 80 |");
        assertThat(phase.json()).containsEntry("residentMB", "150 to 170").containsEntry("acknowledged", 0L);
    }
}
