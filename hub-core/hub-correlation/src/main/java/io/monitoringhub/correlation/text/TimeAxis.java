package io.monitoringhub.correlation.text;

import io.monitoringhub.correlation.Span;
import io.monitoringhub.correlation.Trace;
import java.util.Arrays;

/**
 * The time that a trace's spans cover, and how a span lies in it. Without spans: the time that its messages cover.
 *
 * @param from in Unix milliseconds
 * @param to in Unix milliseconds, not before {@code from}
 */
record TimeAxis(long from, long to) {

    static TimeAxis of(Trace trace) {
        long from = Long.MAX_VALUE;
        long to = 0;
        for (Span span : trace.spans()) {
            from = Math.min(from, span.start().orElse(span.end().orElse(Long.MAX_VALUE)));
            to = Math.max(to, span.end().orElse(trace.lastTime()));
        }
        return from == Long.MAX_VALUE ? new TimeAxis(trace.firstTime(), trace.lastTime()) : new TimeAxis(from, Math.max(from, to));
    }

    long lengthMs() {
        return to - from;
    }

    /** The span's bar: so many cells. */
    String bar(Span span, int cells, Glyphs glyphs) {
        if (cells == 0) {
            return "";
        }
        char[] bar = new char[cells];
        Arrays.fill(bar, ' ');
        if (span.start().isPresent()) {
            long start = span.start().getAsLong();
            draw(bar, half(start, cells, false), half(span.end().orElse(to), cells, true), span.isOpen(), glyphs);
        } else if (span.end().isPresent()) {
            bar[Math.max(0, half(span.end().getAsLong(), cells, true) - 1) / 2] = glyphs.cameFrom();
        }
        return new String(bar);
    }

    private static void draw(char[] bar, int start, int end, boolean open, Glyphs glyphs) {
        int first = Math.min(start, 2 * bar.length - 1);
        int behind = Math.max(first + 1, end);
        for (int cell = first / 2; cell <= (behind - 1) / 2; cell++) {
            boolean left = 2 * cell >= first;
            boolean right = 2 * cell + 1 < behind;
            if (open) {
                bar[cell] = glyphs.open();
            } else if (left && right) {
                bar[cell] = glyphs.full();
            } else {
                bar[cell] = left ? glyphs.left() : glyphs.right();
            }
        }
        if (open) {
            bar[(behind - 1) / 2] = glyphs.goesOn();
        }
    }

    /** Which half of a cell the time falls into, counted from the left. */
    private int half(long time, int cells, boolean up) {
        if (to == from) {
            return up ? 2 * cells : 0;
        }
        double halves = 2.0 * cells * (time - from) / (to - from);
        return (int) Math.max(0, Math.min(2 * cells, up ? Math.ceil(halves) : Math.floor(halves)));
    }
}
