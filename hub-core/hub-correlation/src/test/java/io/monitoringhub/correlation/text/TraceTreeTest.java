package io.monitoringhub.correlation.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Span;
import io.monitoringhub.correlation.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TraceTreeTest {

    private static final long T = 1_697_821_234_567L;
    private static final long OPEN = -1;
    private static final long UNSEEN = -1;

    private final TraceTree unicode = TraceTree.unicode(TraceTree.DEFAULT_WIDTH);

    @Test
    void drawsATrace() {
        String drawn = unicode.render(upload(), List.of(job()));
        System.out.println(drawn);
        System.out.println(TraceTree.ascii(100).render(upload(), List.of(job())));
        System.out.println(TraceTree.unicode(60).render(upload(), List.of(job())));
        System.out.println(TraceTree.unicode(160).render(upload(), List.of(job())));
    }

    private static Trace upload() {
        return trace("trace-123", new Trace.Messages(9, 1, 2, 13, 3),
                span("1", "", "queue-service", "handle upload", 0, 1284, "error"),
                span("2", "1", "file-receiver", "receive file", 12, 352, "ok"),
                span("3", "2", "file-receiver", "checksum", 310, 350, "ok"),
                span("4", "1", "import-worker", "import into warehouse", 360, 1270, "error"),
                span("5", "4", "import-worker", "parse rows", 365, 700, "ok"),
                span("6", "4", "import-worker", "insert rows", 702, 1268, "timeout"),
                span("7", "1", "mailer", "send receipt", 1271, OPEN, ""),
                span("8", "gone", "audit", "write audit line", 640, 655, "ok"));
    }

    private static Job job() {
        return new Job("import-12345", "import-worker", Optional.of("trace-123"), 62.5, "running", T, T + 1_190);
    }

    private static Span span(String id, String parent, String source, String name, long start, long end, String status) {
        return new Span(id, parent.isEmpty() ? Optional.empty() : Optional.of(parent), "t", source, name,
                start == UNSEEN ? OptionalLong.empty() : OptionalLong.of(T + start), end == OPEN ? OptionalLong.empty() : OptionalLong.of(T + end),
                status, Map.of(), false);
    }

    /** As the table would give it: orphans marked, spans sorted by start. */
    private static Trace trace(String id, Trace.Messages messages, Span... spans) {
        Set<String> ids = Arrays.stream(spans).map(Span::id).collect(Collectors.toSet());
        List<Span> sorted = new ArrayList<>();
        for (Span span : spans) {
            boolean orphan = span.parent().isPresent() && !ids.contains(span.parent().get());
            sorted.add(new Span(span.id(), span.parent(), id, span.source(), span.name(), span.start(), span.end(), span.status(), span.tags(),
                    orphan));
        }
        sorted.sort(Comparator.comparingLong((Span span) -> span.start().orElse(Long.MAX_VALUE)).thenComparing(Span::id));
        long last = sorted.stream().flatMap(span -> Stream.of(span.start(), span.end())).mapToLong(time -> time.orElse(0)).max().orElse(0);
        boolean open = sorted.stream().anyMatch(Span::isOpen);
        boolean failed = sorted.stream().anyMatch(Span::isFailed);
        Trace.Status status = open ? Trace.Status.OPEN : failed ? Trace.Status.FAILED : Trace.Status.OK;
        return new Trace(id, sorted, List.copyOf(sorted.stream().map(Span::source).collect(Collectors.toCollection(TreeSet::new))), T, last,
                status, messages, 0, false);
    }
}
