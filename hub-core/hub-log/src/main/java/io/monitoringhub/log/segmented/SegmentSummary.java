package io.monitoringhub.log.segmented;

import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;

/** Sums up a segment for {@link LogTool}, and prints its damage as it is found. Used by one thread at a time. */
final class SegmentSummary implements SegmentScanner.Findings {

    private final PrintStream out;
    private final String name;
    private long first = -1;
    private long next = -1;
    private long frames;
    private long entries;
    private long newestMs;
    private boolean isWhole = true;

    SegmentSummary(PrintStream out, String name) {
        this.out = out;
        this.name = name;
    }

    @Override
    public void frame(long position, long bytes, long base, int count, long timeMs) {
        first = first < 0 ? base : first;
        next = base + count;
        frames++;
        entries += count;
        newestMs = Math.max(newestMs, timeMs);
    }

    @Override
    public void damage(long from, long to, long expected, long nextOffset) {
        isWhole = false;
        out.printf(Locale.ROOT, "%s: DAMAGED from byte %d to %d, entries lost from offset %d %s%n", name, from, to, expected,
                nextOffset < 0 ? "on" : "to before " + nextOffset);
    }

    /** Prints the sum; false when something is wrong with the segment, which ends before the bound. */
    boolean print(long bound) {
        if (frames == 0) {
            out.printf(Locale.ROOT, "%s: no frames%n", name);
        } else {
            out.printf(Locale.ROOT, "%s: %d frames, %d entries, offsets %d to before %d, newest %s%n", name, frames, entries, first, next,
                    Instant.ofEpochMilli(newestMs));
        }
        if (bound != Long.MAX_VALUE && next != bound && isWhole) {
            out.printf(Locale.ROOT, "%s: MISSING offsets up to %d%n", name, bound);
            return false;
        }
        return isWhole;
    }

    long frames() {
        return frames;
    }

    long entries() {
        return entries;
    }
}
