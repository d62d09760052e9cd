package io.monitoringhub.correlation.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Span;
import io.monitoringhub.correlation.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
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
    void theExampleInTheClassDocIsWhatIsDrawn() throws IOException {
        String source = Files.readString(Path.of("src/main/java/io/monitoringhub/correlation/text/TraceTree.java"));
        String example = source.substring(source.indexOf("<pre>\n") + 6, source.indexOf(" * </pre>"))
                .lines().map(line -> line.substring(Math.min(3, line.length())) + "\n").collect(Collectors.joining());

        assertThat(unicode.render(upload(), List.of(job()))).isEqualTo(example);
    }

    @Test
    void drawsWithAsciiOnly() {
        assertThat(TraceTree.ascii(100).render(upload(), List.of(job()))).isEqualTo("""
                TRACE trace-123  > open  1284 ms
                8 spans, 5 services, 27 messages (9 events, 1 error, 2 metrics)
                2023-10-20 17:00:34.567 to 17:00:35.851 UTC

                SPAN                          SERVICE           START  DURATION  STATUS     0 -------------- 1284 ms
                handle upload                 queue-service      0 ms   1284 ms  ! error    ========================
                |- receive file               file-receiver    +12 ms    340 ms  ok         =======
                |  `- checksum                file-receiver   +310 ms     40 ms  ok              ==
                |- import into warehouse      import-worker   +360 ms    910 ms  ! error          ==================
                |  |- parse rows              import-worker   +365 ms    335 ms  ok               ========
                |  `- insert rows             import-worker   +702 ms    566 ms  ! timeout               ===========
                |- send receipt               mailer         +1271 ms    >13 ms  > open                            >
                `~ write audit line (orphan)  audit           +640 ms     15 ms  ok                    ==

                JOB
                import-12345  ============........   62.5 %  running  import-worker  at 17:00:35.757
                """);
    }

    @Test
    void aNarrowTerminalGetsNoBars() {
        assertThat(TraceTree.unicode(60).render(upload(), List.of(job()))).isEqualTo("""
                TRACE trace-123  ▸ open  1284 ms
                8 spans · 5 services
                27 messages (9 events, 1 error, 2 metrics)
                2023-10-20 17:00:34.567 to 17:00:35.851 UTC

                SPAN                SERVICE        START  DURATION  STATUS
                handle upload       queue-ser…      0 ms   1284 ms  ✗ error
                ├─ receive file     file-rece…    +12 ms    340 ms  ✓ ok
                │  └─ checksum      file-rece…   +310 ms     40 ms  ✓ ok
                ├─ import into wa…  import-wo…   +360 ms    910 ms  ✗ error
                │  ├─ parse rows    import-wo…   +365 ms    335 ms  ✓ ok
                │  └─ insert rows   import-wo…   +702 ms    566 ms  ✗ timeo…
                ├─ send receipt     mailer      +1271 ms   ≥ 13 ms  ▸ open
                └╌ write audit li…  audit        +640 ms     15 ms  ✓ ok

                JOB
                import-12345  ████████████░░░░░░░░   62.5 %  running
                """);
    }

    @Test
    void noLineIsWiderThanTheTerminal() {
        for (int width : new int[] {1, 60, 61, 70, 79, 80, 81, 99, 100, 101, 133, 250}) {
            for (TraceTree tree : List.of(TraceTree.unicode(width), TraceTree.ascii(width))) {
                assertThat(tree.render(upload(), List.of(job())).lines()).allMatch(line -> TerminalText.columns(line) <= Math.max(60, width));
            }
        }
    }

    @Test
    void aSpanOfWhichOnlyTheCloseWasSeenHasNoBeginning() {
        Trace trace = trace("t", new Trace.Messages(0, 0, 0, 3, 0), span("1", "", "a", "root", 0, 100, "ok"),
                span("2f", "", "b", "", UNSEEN, 50, ""));

        assertThat(body(unicode.render(trace, List.of()))).isEqualTo("""
                SPAN                   SERVICE  START  DURATION  STATUS    0 ──────────────────────────────── 100 ms
                root                   a         0 ms    100 ms  ✓ ok      █████████████████████████████████████████
                └╌ (span 2f) (orphan)  b            ?         ?  ✓ closed                      ◂
                """);
    }

    @Test
    void severalRootsOrphansAndLoopsStandAtTheTop() {
        Trace trace = trace("t", new Trace.Messages(0, 0, 0, 9, 0), span("1", "", "a", "first root", 0, 100, "ok"),
                span("2", "", "a", "second root", 10, 20, "ok"), span("3", "gone", "a", "lost", 5, 20, "ok"),
                span("4", "3", "a", "child of lost", 6, 20, "ok"), span("5", "6", "a", "egg", 40, 50, "ok"),
                span("6", "5", "a", "hen", 41, 60, "ok"), span("7", "6", "a", "below the loop", 30, 60, "ok"),
                span("8", "8", "a", "own parent", 70, 80, "ok"));

        assertThat(body(unicode.render(trace, List.of()))).isEqualTo("""
                SPAN                  SERVICE   START  DURATION  STATUS  0 ────────────────────────────────── 100 ms
                first root            a          0 ms    100 ms  ✓ ok    ███████████████████████████████████████████
                second root           a        +10 ms     10 ms  ✓ ok        █████
                lost (orphan)         a         +5 ms     15 ms  ✓ ok      ███████
                └─ child of lost      a         +6 ms     14 ms  ✓ ok      ▐██████
                egg (loop)            a        +40 ms     10 ms  ✓ ok                     ████▌
                └─ hen                a        +41 ms     19 ms  ✓ ok                     ▐████████
                   └─ below the loop  a        +30 ms     30 ms  ✓ ok                ▐█████████████
                own parent (loop)     a        +70 ms     10 ms  ✓ ok                                  ████▌
                """);
    }

    @Test
    void aLoopBelowTheOnlyRootIsMarked() {
        Trace trace = trace("t", new Trace.Messages(0, 0, 0, 9, 0), span("1", "", "a", "root", 0, 100, "ok"),
                span("2", "1", "a", "child", 10, 20, "ok"), span("5", "6", "a", "egg", 40, 50, "ok"), span("6", "5", "a", "hen", 41, 60, "ok"));

        assertThat(body(unicode.render(trace, List.of()))).isEqualTo("""
                SPAN           SERVICE   START  DURATION  STATUS  0 ───────────────────────────────────────── 100 ms
                root           a          0 ms    100 ms  ✓ ok    ██████████████████████████████████████████████████
                ├─ child       a        +10 ms     10 ms  ✓ ok         █████
                └╌ egg (loop)  a        +40 ms     10 ms  ✓ ok                        █████
                   └─ hen      a        +41 ms     19 ms  ✓ ok                        ▐█████████
                """);
    }

    @Test
    void aVeryDeepTraceStaysReadable() {
        List<Span> chain = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            chain.add(span("s" + i, i == 0 ? "" : "s" + (i - 1), "a", "level " + i, i, 20_000, "ok"));
        }
        List<String> lines = body(unicode.render(trace("t", new Trace.Messages(0, 0, 0, 0, 0), chain.toArray(Span[]::new)), List.of()))
                .lines().toList();

        assertThat(lines).hasSize(20_001);
        assertThat(lines.get(20_000).strip()).startsWith("» level 19999");
    }

    @Test
    void everySpanOfAnyTangleIsDrawnOnce() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            Span[] spans = new Span[1 + random.nextInt(12)];
            for (int i = 0; i < spans.length; i++) {
                int parent = random.nextInt(spans.length + 2);
                spans[i] = span("s" + i, parent == spans.length ? "" : "s" + parent, "a", "<" + i + ">", random.nextInt(50), 50, "ok");
            }
            String drawn = unicode.render(trace("t", new Trace.Messages(0, 0, 0, 0, 0), spans), List.of());
            for (int i = 0; i < spans.length; i++) {
                assertThat(drawn.split("<" + i + ">", -1)).as(drawn).hasSize(2);
            }
        }
    }

    @Test
    void namesCanNeitherControlTheTerminalNorBreakTheColumns() {
        Trace trace = trace("t\u001b[2J", new Trace.Messages(0, 0, 0, 2, 0), span("1", "", "a\nb", "evil\u001b[31m\r\u202e\u0085", 0, 100, "ok"),
                span("2", "1", "a", "取込処理 漢字漢字漢字漢字漢字漢字漢字漢字漢字", 10, 20, "o\u0007k"), span("3", "1", "a", "e\u0301te\u0301", 10, 20, "ok"));

        assertThat(unicode.render(trace, List.of())).doesNotContain("\u001b", "\r", "\u202e", "\u0085", "\u0007").contains("TRACE t?[2J");
        assertThat(body(unicode.render(trace, List.of()))).isEqualTo("""
                SPAN                                         SERVICE   START  DURATION  STATUS  0 ─────────── 100 ms
                evil?[31m???                                 a?b        0 ms    100 ms  ✓ ok    ████████████████████
                ├─ 取込処理 漢字漢字漢字漢字漢字漢字漢字漢…  a        +10 ms     10 ms  ✓ o?k     ██
                └─ été                                       a        +10 ms     10 ms  ✓ ok      ██
                """);
        assertThat(TraceTree.ascii(100).render(trace, List.of()).chars()).allMatch(c -> c == '\n' || c >= ' ' && c < 127);
    }

    @Test
    void aTraceWithoutSpansIsAHeader() {
        Trace trace = new Trace("t", List.of(), List.of("a"), T, T + 5, Trace.Status.OK, new Trace.Messages(1, 0, 0, 0, 0), 0, false);

        assertThat(unicode.render(trace, List.of())).isEqualTo("""
                TRACE t  ✓ ok  5 ms
                0 spans · 1 service · 1 message (1 event)
                2023-10-20 17:00:34.567 to 17:00:34.572 UTC
                """);
    }

    @Test
    void saysWhatMayBeMissing() {
        Trace trace = new Trace("t", List.of(), List.of("a"), 0, 0, Trace.Status.OK, new Trace.Messages(0, 0, 0, 9, 0), 3, true);

        assertThat(unicode.render(trace, List.of())).isEqualTo("""
                TRACE t  ✓ ok  0 ms
                0 spans · 1 service · 9 messages
                ✗ entries were skipped while this trace ran: parts of it may be missing
                ✗ 3 messages about further spans not kept: the trace is too large
                """);
    }

    @Test
    void aSpanThatTookNoTimeStillShows() {
        Trace trace = trace("t", new Trace.Messages(0, 0, 0, 2, 0), span("1", "", "a", "instant", 0, 0, "ok"));

        assertThat(body(unicode.render(trace, List.of()))).contains("0 ms      0 ms  ✓ ok    ██████");
    }

    private static String body(String drawn) {
        return drawn.substring(drawn.indexOf("SPAN"));
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
        return new Job("import-12345", "import-worker", Optional.of("trace-123"), 62.5, "running", T, T + 1_190, T + 1_190, Duration.ZERO);
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
