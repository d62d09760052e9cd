package io.monitoringhub.correlation.text;

import io.monitoringhub.correlation.Job;
import io.monitoringhub.correlation.Span;
import io.monitoringhub.correlation.Trace;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws a trace as a tree for a terminal.
 *
 * <pre>
 * TRACE trace-123  ▸ open  1284 ms
 * 8 spans · 5 services · 27 messages (9 events, 1 error, 2 metrics)
 * 2023-10-20 17:00:34.567 to 17:00:35.851 UTC
 *
 * SPAN                          SERVICE           START  DURATION  STATUS     0 ────────────── 1284 ms
 * handle upload                 queue-service      0 ms   1284 ms  ✗ error    ████████████████████████
 * ├─ receive file               file-receiver    +12 ms    340 ms  ✓ ok       ███████
 * │  └─ checksum                file-receiver   +310 ms     40 ms  ✓ ok            ▐█
 * ├─ import into warehouse      import-worker   +360 ms    910 ms  ✗ error          ▐█████████████████
 * │  ├─ parse rows              import-worker   +365 ms    335 ms  ✓ ok             ▐██████▌
 * │  └─ insert rows             import-worker   +702 ms    566 ms  ✗ timeout               ███████████
 * ├─ send receipt               mailer         +1271 ms   ≥ 13 ms  ▸ open                            ▸
 * └╌ write audit line (orphan)  audit           +640 ms     15 ms  ✓ ok                  ▐▌
 *
 * JOB
 * import-12345  ████████████░░░░░░░░   62.5 %  running  import-worker  at 17:00:35.757
 * </pre>
 *
 * A span that nobody closed has an arrow at its end and the time that it ran at least; one whose beginning was not seen has only an arrow
 * where it ended. Of an orphan the parent was not seen. Names that do not fit are cut; whatever an application sends, only plain
 * characters come out.
 *
 * <p>Immutable.
 */
public final class TraceTree {

    /** How wide a terminal is when nobody says. */
    public static final int DEFAULT_WIDTH = 100;

    private static final int MIN_WIDTH = 60;
    private static final int MIN_BAR = 8;
    private static final int GOOD_BAR = 20;
    private static final int JOB_BAR = 20;
    private static final String GAP = "  ";
    private static final DateTimeFormatter DATE_TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final int width;
    private final Glyphs glyphs;
    private final TerminalText text;

    /** What stands in the columns of one span, but for its bar. */
    private record Line(String name, String service, String start, String duration, String status, Span span) {
    }

    /** The widths of the columns; a bar of no width is left out. */
    private record Columns(int name, int service, int start, int duration, int status, int bar) {
    }

    private TraceTree(int width, Glyphs glyphs, TerminalText text) {
        this.width = Math.max(MIN_WIDTH, width);
        this.glyphs = glyphs;
        this.text = text;
    }

    /** Draws with lines and blocks. */
    public static TraceTree unicode(int width) {
        return new TraceTree(width, Glyphs.UNICODE, new TerminalText(false));
    }

    /** Draws for a terminal that knows ASCII only. */
    public static TraceTree ascii(int width) {
        return new TraceTree(width, Glyphs.ASCII, new TerminalText(true));
    }

    /**
     * Draws a trace and the jobs that belong to it.
     *
     * @return lines that end with a newline each, none wider than the terminal
     */
    public String render(Trace trace, List<Job> jobs) {
        TimeAxis axis = TimeAxis.of(trace);
        List<String> lines = new ArrayList<>(header(trace, axis));
        if (!trace.spans().isEmpty()) {
            lines.add("");
            lines.addAll(spans(trace, axis));
        }
        if (!jobs.isEmpty()) {
            lines.add("");
            lines.addAll(jobs(jobs));
        }
        StringBuilder drawn = new StringBuilder();
        lines.forEach(line -> drawn.append(text.fit(line, width).stripTrailing()).append('\n'));
        return drawn.toString();
    }

    /** Draws jobs that belong to no trace, or to several. */
    public String render(List<Job> jobs) {
        StringBuilder drawn = new StringBuilder();
        jobs(jobs).forEach(line -> drawn.append(text.fit(line, width).stripTrailing()).append('\n'));
        return drawn.toString();
    }

    private List<String> header(Trace trace, TimeAxis axis) {
        List<String> lines = new ArrayList<>();
        lines.add("TRACE " + text.clean(trace.id()) + GAP + mark(trace.status()) + GAP + axis.lengthMs() + " ms");
        String sizes = count(trace.spans().size(), "span") + glyphs.dot() + count(trace.sources().size(), "service");
        String messages = messages(trace.messages());
        String both = sizes + glyphs.dot() + messages;
        lines.addAll(TerminalText.columns(both) <= width ? List.of(both) : List.of(sizes, messages));
        if (axis.from() > 0) {
            boolean sameDay = axis.from() / 86_400_000 == axis.to() / 86_400_000;
            lines.add(DATE_TIME.format(Instant.ofEpochMilli(axis.from())) + " to "
                    + (sameDay ? TIME : DATE_TIME).format(Instant.ofEpochMilli(axis.to())) + " UTC");
        }
        if (trace.incomplete()) {
            lines.add(glyphs.bad() + "entries were skipped while this trace ran: parts of it may be missing");
        }
        for (Trace.Skew skew : trace.skews()) {
            lines.add(glyphs.bad() + "the clock of " + text.clean(skew.source()) + " is at least " + skew.millis() + " ms behind that of "
                    + text.clean(skew.other()));
        }
        if (trace.droppedSpans() > 0) {
            lines.add(glyphs.bad() + count(trace.droppedSpans(), "message") + " about further spans not kept: the trace is too large");
        }
        return lines;
    }

    private String mark(Trace.Status status) {
        return switch (status) {
            case OPEN -> glyphs.running() + "open";
            case FAILED -> glyphs.bad() + "failed";
            case OK -> glyphs.good() + "ok";
        };
    }

    private String messages(Trace.Messages messages) {
        List<String> parts = new ArrayList<>();
        addCount(parts, messages.events(), "event");
        addCount(parts, messages.errors(), "error");
        addCount(parts, messages.metrics(), "metric");
        String all = count(messages.total(), "message");
        return parts.isEmpty() ? all : all + " (" + String.join(", ", parts) + ")";
    }

    private static void addCount(List<String> parts, long number, String what) {
        if (number > 0) {
            parts.add(count(number, what));
        }
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private List<String> spans(Trace trace, TimeAxis axis) {
        List<Line> lines = new Forest(trace.spans(), glyphs, width / 4).rows().stream().map(row -> line(row, axis)).toList();
        Line titles = new Line("SPAN", "SERVICE", "START", "DURATION", "STATUS", null);
        Columns columns = columns(Stream.concat(Stream.of(titles), lines.stream()).toList());
        List<String> drawn = new ArrayList<>();
        drawn.add(draw(titles, columns, scale(axis, columns.bar)));
        lines.forEach(line -> drawn.add(draw(line, columns, axis.bar(line.span, columns.bar, glyphs))));
        return drawn;
    }

    private Line line(Forest.Row row, TimeAxis axis) {
        Span span = row.span();
        String name = span.name().isEmpty() ? "(span " + span.id() + ")" : span.name();
        String why = switch (row.place()) {
            case OWN -> "";
            case ORPHAN -> " (orphan)";
            case LOOP -> " (loop)";
        };
        String start = span.start().isEmpty() ? "?" : (span.start().getAsLong() == axis.from() ? "" : "+")
                + (span.start().getAsLong() - axis.from()) + " ms";
        return new Line(row.lines() + text.clean(name) + why, text.clean(span.source()), start, duration(span, axis), status(span), span);
    }

    private String duration(Span span, TimeAxis axis) {
        if (span.isOpen() && span.start().isPresent()) {
            return glyphs.atLeast() + (axis.to() - span.start().getAsLong()) + " ms";
        }
        return span.durationMs().isPresent() ? span.durationMs().getAsLong() + " ms" : "?";
    }

    private String status(Span span) {
        if (span.isOpen()) {
            return glyphs.running() + "open";
        }
        return (span.isFailed() ? glyphs.bad() : glyphs.good()) + (span.status().isEmpty() ? "closed" : text.clean(span.status()));
    }

    private Columns columns(List<Line> lines) {
        int service = Math.min(widest(lines.stream().map(Line::service)), width / 6);
        int start = widest(lines.stream().map(Line::start));
        int duration = widest(lines.stream().map(Line::duration));
        int status = Math.min(widest(lines.stream().map(Line::status)), width / 7);
        int wanted = widest(lines.stream().map(Line::name));
        int left = Math.max(MIN_BAR, width - service - start - duration - status - 4 * GAP.length());
        int name = Math.min(wanted, Math.max(GOOD_BAR, left - GAP.length() - GOOD_BAR));
        int bar = left - name - GAP.length();
        return bar < MIN_BAR ? new Columns(left, service, start, duration, status, 0)
                : new Columns(name, service, start, duration, status, bar);
    }

    private static int widest(Stream<String> texts) {
        return texts.mapToInt(TerminalText::columns).max().orElse(0);
    }

    private String draw(Line line, Columns columns, String bar) {
        return text.fit(line.name, columns.name) + GAP + text.fit(line.service, columns.service) + GAP
                + text.right(line.start, columns.start) + GAP + text.right(line.duration, columns.duration) + GAP
                + text.fit(line.status, columns.status) + (bar.isEmpty() ? "" : GAP + bar);
    }

    private String scale(TimeAxis axis, int cells) {
        String end = " " + axis.lengthMs() + " ms";
        int between = cells - 2 - end.length();
        return between < 1 ? "" : "0 " + String.valueOf(glyphs.axis()).repeat(between) + end;
    }

    private List<String> jobs(List<Job> jobs) {
        int id = Math.min(widest(jobs.stream().map(job -> text.clean(job.id()))), width / 4);
        int status = Math.min(widest(jobs.stream().map(job -> text.clean(job.status()))), width / 6);
        List<String> lines = new ArrayList<>();
        lines.add(jobs.size() == 1 ? "JOB" : "JOBS");
        for (Job job : jobs) {
            String line = text.fit(text.clean(job.id()), id) + GAP + progress(job.percent()) + GAP
                    + text.right(String.format(Locale.ROOT, "%.1f %%", job.percent()), 7) + GAP + text.fit(text.clean(job.status()), status);
            line = withIfItFits(line, text.clean(job.source()));
            lines.add(job.lastProgressAt() > 0 ? withIfItFits(line, "at " + TIME.format(Instant.ofEpochMilli(job.lastProgressAt()))) : line);
        }
        return lines;
    }

    private String withIfItFits(String line, String more) {
        String longer = line + GAP + more;
        return TerminalText.columns(longer) <= width ? longer : line;
    }

    private String progress(double percent) {
        int done = (int) Math.floor(JOB_BAR * Math.max(0, Math.min(100, percent)) / 100);
        return String.valueOf(glyphs.full()).repeat(done) + String.valueOf(glyphs.rest()).repeat(JOB_BAR - done);
    }
}
