package io.monitoringhub.correlation.text;

import io.monitoringhub.correlation.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Draws jobs as a table for a terminal, one line each.
 *
 * <pre>
 * JOB           PROGRESS              STATE           STATUS        SOURCE
 * import-12345  ███████▌░░░░  62.5 %  stuck 12 min    copying rows  import-worker
 * </pre>
 *
 * <p>Immutable.
 */
public final class JobTable {

    /** How wide a terminal is at least. */
    public static final int DEFAULT_WIDTH = 80;

    private static final int BAR = 12;
    private static final int MOST_ID = 18;
    private static final int MOST_STATUS = 14;
    private static final String GAP = "  ";

    private final int width;
    private final Instant now;
    private final Duration stuckAfter;
    private final TerminalText text = new TerminalText(false);
    private final Glyphs glyphs = Glyphs.UNICODE;

    /**
     * @param now by the hub's clock
     * @param stuckAfter for how long a job may stand still
     */
    public JobTable(int width, Instant now, Duration stuckAfter) {
        this.width = width;
        this.now = now;
        this.stuckAfter = stuckAfter;
    }

    /** @return lines that end with a newline each, none wider than the terminal */
    public String render(List<Job> jobs) {
        int id = widest("JOB", jobs, job -> text.clean(job.id()), MOST_ID);
        int state = widest("STATE", jobs, this::state, MOST_STATUS);
        int status = widest("STATUS", jobs, job -> text.clean(job.status()), MOST_STATUS);
        StringBuilder drawn = new StringBuilder();
        line(drawn, text.fit("JOB", id) + GAP + text.fit("PROGRESS", BAR + 9) + GAP + text.fit("STATE", state) + GAP
                + text.fit("STATUS", status) + GAP + "SOURCE");
        for (Job job : jobs) {
            line(drawn, text.fit(text.clean(job.id()), id) + GAP + bar(job.percent()) + " "
                    + text.right(String.format(Locale.ROOT, "%.1f %%", job.percent()), 8) + GAP + text.fit(state(job), state) + GAP
                    + text.fit(text.clean(job.status()), status) + GAP + text.clean(job.source()));
        }
        return drawn.toString();
    }

    private void line(StringBuilder drawn, String line) {
        drawn.append(text.fit(line, width).stripTrailing()).append('\n');
    }

    private static int widest(String title, List<Job> jobs, Function<Job, String> column, int most) {
        return Math.min(most, Math.max(title.length(), jobs.stream().map(column).mapToInt(TerminalText::columns).max().orElse(0)));
    }

    private String state(Job job) {
        Job.State state = job.state(now, stuckAfter);
        String word = state.name().toLowerCase(Locale.ROOT);
        return state == Job.State.STUCK || state == Job.State.SLOW ? word + " " + duration(job.stillFor(now)) : word;
    }

    private static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 100) {
            return seconds + " s";
        }
        return seconds < 6_000 ? seconds / 60 + " min" : seconds < 172_800 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }

    private String bar(double percent) {
        int done = (int) Math.floor(BAR * Math.max(0, Math.min(100, percent)) / 100);
        return String.valueOf(glyphs.full()).repeat(done) + String.valueOf(glyphs.rest()).repeat(BAR - done);
    }
}
