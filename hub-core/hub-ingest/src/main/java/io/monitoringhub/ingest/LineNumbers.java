package io.monitoringhub.ingest;

import io.monitoringhub.spi.transport.SubmissionRequest.NumberedLines;
import java.util.List;

/** How the lines of one session are numbered: each by one more than the line before, but for the gaps that were told. Immutable. */
final class LineNumbers {

    private final long first;
    /** So many lines, so many numbers left out, and so on; without end behind the last. */
    private final long[] runs;

    private LineNumbers(long first, List<Long> runs) {
        this.first = first;
        this.runs = runs.stream().mapToLong(Long::longValue).toArray();
    }

    /** Numbers without gaps. */
    static LineNumbers from(long first) {
        return new LineNumbers(first, List.of());
    }

    static LineNumbers of(NumberedLines lines) {
        return new LineNumbers(lines.next(), lines.runs());
    }

    /** The number of the first line. */
    long first() {
        return first;
    }

    /** Goes through the numbers once. Used by one thread at a time. */
    final class Counter {

        private long last = first - 1;
        private int run;
        private long leftInRun = runs.length == 0 ? Long.MAX_VALUE : runs[0];

        /** The last number given; that before the first if there was none. */
        long last() {
            return last;
        }

        long next() {
            if (leftInRun == 0) {
                last += run + 1 < runs.length ? runs[run + 1] : 0;
                run += 2;
                leftInRun = run < runs.length ? runs[run] : Long.MAX_VALUE;
            }
            leftInRun--;
            return ++last;
        }
    }

    Counter counter() {
        return new Counter();
    }

    /** Which line has this number, from 1; 0 is before the first. */
    long place(long number) {
        long place = 0;
        long from = first;
        for (int run = 0; run < runs.length && number >= from + runs[run]; run += 2) {
            place += runs[run];
            from += runs[run] + (run + 1 < runs.length ? runs[run + 1] : 0);
        }
        return place + number - from + 1;
    }
}
