package io.monitoringhub.correlation;

import static io.monitoringhub.correlation.Sample.closes;
import static io.monitoringhub.correlation.Sample.event;
import static io.monitoringhub.correlation.Sample.metric;
import static io.monitoringhub.correlation.Sample.opens;
import static io.monitoringhub.correlation.Sample.progress;
import static io.monitoringhub.correlation.Sample.span;
import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.Level;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CorrelationTableTest {

    private static final long T = 1_697_821_234_000L;

    private CorrelationTable table = new CorrelationTable(CorrelatorSettings.defaults());

    @Test
    void joinsTheTwoMessagesOfASpan() {
        put(opens("queue-service", T, "t", "s", "", "take job"), closes("queue-service", T + 40, "t", "s", "ok"));

        Trace trace = table.trace("t").orElseThrow();
        Span span = trace.spans().get(0);
        assertThat(span.name()).isEqualTo("take job");
        assertThat(span.start()).hasValue(T);
        assertThat(span.end()).hasValue(T + 40);
        assertThat(span.durationMs()).hasValue(40);
        assertThat(span.status()).isEqualTo("ok");
        assertThat(span.tags()).isEqualTo(Map.of("rows", "7"));
        assertThat(trace.status()).isEqualTo(Trace.Status.OK);
        assertThat(trace.messages()).isEqualTo(new Trace.Messages(0, 0, 0, 2, 0));
    }

    @Test
    void theClosingMessageCanComeFirst() {
        put(closes("queue-service", T + 40, "t", "s", "ok"));
        Span half = table.trace("t").orElseThrow().spans().get(0);
        assertThat(half.start()).isEmpty();
        assertThat(half.durationMs()).isEmpty();
        assertThat(half.isOpen()).isFalse();

        put(opens("queue-service", T, "t", "s", "", "take job"));
        assertThat(table.trace("t").orElseThrow().spans().get(0).durationMs()).hasValue(40);
    }

    @Test
    void aTraceIsOpenUntilTheLastCloseHowEverLate() {
        put(opens("a", T, "t", "1", "", "root"), opens("b", T + 1, "t", "2", "1", "child"), closes("a", T + 9, "t", "1", "ok"));
        assertThat(table.trace("t").orElseThrow().status()).isEqualTo(Trace.Status.OPEN);

        for (int i = 0; i < 100; i++) {
            put(event("c", T, "other-" + i, Level.INFO));
        }
        put(closes("b", T + 3_600_000, "t", "2", "error"));

        Trace trace = table.trace("t").orElseThrow();
        assertThat(trace.status()).isEqualTo(Trace.Status.FAILED);
        assertThat(trace.lastTime()).isEqualTo(T + 3_600_000);
        assertThat(trace.sources()).containsExactly("a", "b");
    }

    @Test
    void duplicatesChangeNothingButTheCount() {
        put(opens("a", T, "t", "1", "", "root"), closes("a", T + 9, "t", "1", "ok"));
        Trace once = table.trace("t").orElseThrow();
        put(opens("a", T, "t", "1", "", "root"), closes("a", T + 9, "t", "1", "ok"));

        Trace twice = table.trace("t").orElseThrow();
        assertThat(twice.spans()).isEqualTo(once.spans());
        assertThat(twice.messages().spans()).isEqualTo(4);
    }

    @Test
    void anOrphanIsAdoptedWhenItsParentComes() {
        put(opens("b", T + 1, "t", "2", "1", "child"));
        assertThat(table.trace("t").orElseThrow().spans().get(0).orphan()).isTrue();

        put(opens("a", T, "t", "1", "", "root"));
        assertThat(table.trace("t").orElseThrow().spans()).noneMatch(Span::orphan);
    }

    @Test
    void countsMessagesByTypeAndErrors() {
        put(event("a", T, "t", Level.INFO), event("a", T, "t", Level.ERROR), event("a", T, "t", Level.FATAL), metric("a", T, "t"),
                progress("a", T, "t", "j", 5, "running"));

        assertThat(table.trace("t").orElseThrow().messages()).isEqualTo(new Trace.Messages(3, 2, 1, 0, 1));
        assertThat(table.jobsOf("t")).extracting(Job::id).containsExactly("j");
    }

    @Test
    void theLatestReportOfAJobCounts() {
        put(progress("b", T + 20, "", "j", 60, "running"), progress("a", T, "t", "j", 10, "queued"),
                progress("b", T + 20, "", "j", 61, "running"));

        Job job = table.job("j").orElseThrow();
        assertThat(job.percent()).isEqualTo(61);
        assertThat(job.source()).isEqualTo("b");
        assertThat(job.traceId()).contains("t");
        assertThat(job.firstProgressAt()).isEqualTo(T);
        assertThat(job.lastProgressAt()).isEqualTo(T + 20);
    }

    @Test
    void absurdTimesAndSizesAreHarmless() {
        put(span("a", -5, "t", "1", "", "{\"name\":\"" + "x".repeat(5000) + "\",\"start\":1e300,\"end\":-1,\"tags\":{\"k\":{\"deep\":[1]}}}"),
                span("a", Long.MAX_VALUE, "t", "2", "", "{\"start\":\"soon\",\"end\":[],\"status\":{},\"tags\":[]}"));
        put(span("a", T, "x".repeat(300), "1", "", "{}"));

        Trace trace = table.trace("t").orElseThrow();
        assertThat(trace.spans()).hasSize(2).allMatch(Span::isOpen);
        assertThat(trace.spans().get(0).name()).hasSize(MessageFields.MAX_NAME);
        assertThat(table.figures().traces()).isEqualTo(1);
    }

    @Test
    void theTraceTouchedLongestAgoMakesRoom() {
        table = new CorrelationTable(new CorrelatorSettings(3, 10, 2, 1 << 20, 1, 1));
        put(event("a", T, "1", Level.INFO), event("a", T, "2", Level.INFO), event("a", T, "3", Level.INFO), event("a", T, "1", Level.INFO));
        table.trace("2");
        put(event("a", T, "4", Level.INFO));

        assertThat(table.traces(10)).extracting(TraceSummary::id).containsExactly("4", "1", "3");
        assertThat(table.figures().evictedTraces()).isEqualTo(1);

        put(progress("a", T, "", "j1", 1, ""), progress("a", T, "", "j2", 1, ""), progress("a", T, "", "j3", 1, ""));
        assertThat(table.jobs(10)).extracting(Job::id).containsExactly("j3", "j2");
        assertThat(table.figures().evictedJobs()).isEqualTo(1);
    }

    @Test
    void whatNothingIsHeardOfForLongIsForgotten() {
        table.receivedAt(1_000);
        put(event("a", T, "old", Level.INFO), progress("a", T, "", "old", 1, ""), event("a", T, "touched", Level.INFO));
        table.receivedAt(5_000);
        put(event("a", T, "touched", Level.INFO), progress("a", T, "", "young", 1, ""));
        table.receivedAt(4_000);

        table.forgetUntouchedSince(5_000);

        assertThat(table.traces(10)).extracting(TraceSummary::id).containsExactly("touched");
        assertThat(table.jobs(10)).extracting(Job::id).containsExactly("young");
        assertThat(table.figures().evictedTraces()).isEqualTo(1);
        assertThat(table.figures().evictedJobs()).isEqualTo(1);
        table.forgetUntouchedSince(Long.MAX_VALUE);
        assertThat(table.figures().bytes()).isZero();
    }

    @Test
    void clocksThatCannotBothBeRightAreNamed() {
        put(opens("queue", T, "t", "1", "", "root"), opens("mailer", T - 3_200, "t", "2", "1", "send"),
                opens("mailer", T - 100, "t", "3", "1", "send again"), opens("queue", T - 9, "t", "4", "1", "own child"),
                opens("disk", T + 5, "t", "5", "1", "in order"));

        assertThat(table.trace("t").orElseThrow().skews()).containsExactly(new Trace.Skew("mailer", "queue", 3_200));
    }

    @Test
    void aTraceKeepsABoundedNumberOfSpansAndCountsTheRest() {
        table = new CorrelationTable(new CorrelatorSettings(3, 2, 2, 1 << 20, 1, 1));
        put(opens("a", T, "t", "1", "", "x"), opens("a", T, "t", "2", "", "x"), opens("a", T, "t", "3", "", "x"),
                closes("a", T, "t", "1", "ok"));

        assertThat(table.trace("t").orElseThrow().spans()).extracting(Span::id).containsExactly("2", "1");
        assertThat(table.trace("t").orElseThrow().droppedSpans()).isEqualTo(1);
        assertThat(table.figures().droppedSpans()).isEqualTo(1);
    }

    @Test
    void memoryIsBoundedAndTheEstimateReturnsToWhereItWas() {
        table = new CorrelationTable(new CorrelatorSettings(1_000_000, 1_000_000, 1_000_000, 1 << 16, 1, 1));
        for (int i = 0; i < 5_000; i++) {
            put(opens("a", T, "one", "s" + i, "", "a span of the trace that never ends"));
            put(opens("a", T, "t" + i % 700, "s" + i, "", "span"), progress("a", T, "t" + i % 700, "j" + i, 1, "running"));
            assertThat(table.figures().bytes()).isBetween(0L, 1L << 16);
        }
        CorrelationTable.Figures figures = table.figures();
        assertThat(figures.evictedTraces()).isPositive();
        assertThat(figures.evictedJobs()).isPositive();
        assertThat(figures.droppedSpans()).isPositive();
        assertThat(figures.spans()).isEqualTo(table.traces(10_000).stream().mapToInt(TraceSummary::spans).sum());
        assertThat(table.trace("one")).isPresent();
    }

    private void put(Sample... messages) {
        for (Sample message : messages) {
            message.into(table);
        }
    }
}
