package io.monitoringhub.plugin.tally;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.testkit.TestBackendContext;
import io.monitoringhub.testkit.TestBatch;
import io.monitoringhub.testkit.TestMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is this backend's own; the rest is in the contract. */
class TallyBackendTest {

    private static final String LOG = "log-1";

    @TempDir
    private Path home;

    @Test
    void countsBySourceAndType() throws Exception {
        TallyBackend backend = new TallyBackend(TestConfig.DEFAULT);
        backend.open(context("tally", LOG));
        backend.write(TestBatch.of(LOG, 7, List.of(TestMessage.event("a", 1, "x"), TestMessage.event("a", 1, "y"),
                TestMessage.metric("a", 1, "depth", 3), TestMessage.event("tab\tand\nnewline", 1, "z"))));
        backend.flush(20);
        assertThat(home.resolve("data/tally.tsv")).hasContent("""
                #owner\tbackend:tally/tally of log log-1
                #next\t20
                a\tevent\t2
                a\tmetric\t1
                tab%09and%0Anewline\tevent\t1
                """);
        TallyBackend next = new TallyBackend(TestConfig.DEFAULT);
        assertThat(next.open(context("tally", LOG))).as("its own position, whatever the lane's cursor says").isEqualTo(20);
        next.write(TestBatch.of(LOG, 20, List.of(TestMessage.event("tab\tand\nnewline", 1, "z"))));
        next.flush(21);
        assertThat(home.resolve("data/tally.tsv")).content().contains("#next\t21\n", "tab%09and%0Anewline\tevent\t2\n");
    }

    @Test
    void closingKeepsNothingThatWasNotFlushed() throws Exception {
        TallyBackend backend = new TallyBackend(TestConfig.DEFAULT);
        backend.open(context("tally", LOG));
        backend.write(TestBatch.of(LOG, 0, List.of(TestMessage.event("a", 1, "x"))));
        backend.close();
        assertThat(home.resolve("data/tally.tsv")).doesNotExist();
        assertThat(backend.open(context("tally", LOG))).isZero();
    }

    @Test
    void sourcesWithoutARowAreCountedTogether() throws Exception {
        TallyBackend backend = new TallyBackend(new TestConfig("t.tsv", 2));
        TestBackendContext context = context("tally", LOG);
        backend.open(context);
        for (int i = 0; i < 2; i++) {
            backend.write(TestBatch.of(LOG, i * 4L, List.of(TestMessage.event("a", 1, "x"), TestMessage.event("b", 1, "x"),
                    TestMessage.event("c", 1, "x"), TestMessage.event("d", 1, "x"))));
        }
        backend.flush(8);
        assertThat(home.resolve("t.tsv")).content().endsWith("#next\t8\n*\tevent\t4\na\tevent\t2\nb\tevent\t2\n");
        assertThat(context.health().reports()).hasSize(1).allMatch(report -> report.startsWith("degraded: more sources"));
    }

    @Test
    void allMistakesAreNamedAtOnce() {
        TallyBackend backend = new TallyBackend(new TestConfig(" ", 0));
        assertThatThrownBy(() -> backend.open(context("tally", LOG))).isInstanceOf(PermanentDeliveryException.class)
                .hasMessageContaining("backend:tally/tally").hasMessageContaining("max_sources: ").hasMessageContaining("path: ");
    }

    @Test
    void leavesFilesOfOthersAlone() throws Exception {
        TallyBackend backend = new TallyBackend(TestConfig.DEFAULT);
        backend.open(context("tally", LOG));
        backend.flush(5);
        for (TestBackendContext other : List.of(context("second", LOG), context("tally", "log-2"))) {
            assertThatThrownBy(() -> new TallyBackend(TestConfig.DEFAULT).open(other)).isInstanceOf(PermanentDeliveryException.class)
                    .hasMessageContaining("belongs to backend:tally/tally of log log-1");
        }
        Path notes = Files.writeString(home.resolve("notes.txt"), "milk\n");
        assertThatThrownBy(() -> new TallyBackend(new TestConfig("notes.txt", 10)).open(context("tally", LOG)))
                .isInstanceOf(PermanentDeliveryException.class).hasMessageContaining("it is no tally");
        assertThat(notes).hasContent("milk\n");
    }

    @Test
    void aFlushThatFailedIsMadeUpFor() throws Exception {
        TallyBackend backend = new TallyBackend(TestConfig.DEFAULT);
        backend.open(context("tally", LOG));
        TestBatch batch = TestBatch.of(LOG, 0, List.of(TestMessage.event("a", 1, "x")));
        backend.write(batch);
        Path obstacle = Files.writeString(home.resolve("data"), "a file where the folder should be");
        assertThatThrownBy(() -> backend.flush(1)).isInstanceOf(TransientDeliveryException.class).hasMessageContaining("tally.tsv");
        Files.delete(obstacle);
        backend.write(batch.again());
        backend.flush(1);
        assertThat(home.resolve("data/tally.tsv")).content().endsWith("a\tevent\t1\n");
    }

    private TestBackendContext context(String name, String log) {
        return TestBackendContext.fresh(new ComponentId(Kind.BACKEND, "tally", name), log, home, Clock.systemUTC());
    }
}
