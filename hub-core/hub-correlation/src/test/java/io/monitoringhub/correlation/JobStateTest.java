package io.monitoringhub.correlation;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.Job.State;
import io.monitoringhub.correlation.text.JobTable;
import io.monitoringhub.correlation.text.TerminalText;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Jobs that go on, go slowly and stand still, by the hub's clock whatever the sender's says. */
class JobStateTest {

    private static final long T = 1_697_821_234_000L;
    private static final Duration STUCK_AFTER = Duration.ofMinutes(10);

    private final CorrelationTable table = new CorrelationTable(CorrelatorSettings.defaults());

    @Test
    void aJobThatDoesNotComeFurtherIsStuckThoughItReports() {
        report(0, 40, "running");
        report(300, 40, "running");
        report(599, 39, "running");

        assertThat(stateAt(599)).isEqualTo(State.RUNNING);
        assertThat(stateAt(600)).isEqualTo(State.STUCK);

        report(601, 41, "running");
        assertThat(stateAt(601)).isEqualTo(State.RUNNING);
        assertThat(table.job("j").orElseThrow().stillFor(at(611))).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aJobIsSlowThatTakesThreeTimesAsLongAsItUsuallyDoes() {
        for (int i = 0; i < 5; i++) {
            report(10 * i, 10 + i, "running");
        }
        assertThat(stateAt(40 + 29)).isEqualTo(State.RUNNING);
        assertThat(stateAt(40 + 30)).isEqualTo(State.SLOW);
        assertThat(stateAt(40 + 600)).isEqualTo(State.STUCK);
    }

    @Test
    void aJobWithFewStepsIsNotCalledSlow() {
        report(0, 10, "running");
        report(1, 20, "running");
        report(2, 30, "running");
        assertThat(stateAt(500)).isEqualTo(State.RUNNING);
    }

    @Test
    void aJobThatHasEndedIsNeverStuck() {
        report(0, 100, "");
        assertThat(stateAt(100_000)).isEqualTo(State.DONE);
        report(1, 100, "failed");
        assertThat(stateAt(100_000)).isEqualTo(State.FAILED);
    }

    @Test
    void theTableFitsIntoEightyColumns() {
        report(0, 62.5, "copying a great many rows");
        Sample.progress("an-import-worker-with-a-long-name", T, "", "a-job-whose-name-is-much-too-long-for-a-column", 100, "done").into(table);

        String drawn = new JobTable(JobTable.DEFAULT_WIDTH, at(720), STUCK_AFTER).render(table.jobs(9));

        assertThat(drawn.lines()).allMatch(line -> TerminalText.columns(line) <= 80);
        assertThat(drawn).isEqualTo("""
                JOB                 PROGRESS               STATE         STATUS          SOURCE
                a-job-whose-name-…  ████████████  100.0 %  done          done            an-imp…
                j                   ███████░░░░░   62.5 %  stuck 12 min  copying a gre…  worker
                """);
    }

    private void report(long second, double percent, String status) {
        table.receivedAt(at(second).toEpochMilli());
        // the sender's clock stands at T all the time but for what tells the order
        Sample.progress("worker", T + second, "", "j", percent, status).into(table);
    }

    private State stateAt(long second) {
        return table.job("j").orElseThrow().state(at(second), STUCK_AFTER);
    }

    private static Instant at(long second) {
        return Instant.ofEpochMilli(T + 86_400_000).plusSeconds(second);
    }
}
