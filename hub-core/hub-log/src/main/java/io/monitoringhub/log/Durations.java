package io.monitoringhub.log;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How long something took, counted in classes since it was created. Thread-safe; to record costs two additions and no allocation. */
public final class Durations {

    /** The upper bounds of the classes in seconds, rising; a last class takes what is longer. */
    public static final List<Double> BOUNDS = List.of(0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
            2.5, 5.0, 10.0);

    private static final long[] BOUNDS_NANOS = BOUNDS.stream().mapToLong(seconds -> Math.round(seconds * TimeUnit.SECONDS.toNanos(1))).toArray();

    private final LongAdder[] counts = Stream.generate(LongAdder::new).limit(BOUNDS.size() + 1L).toArray(LongAdder[]::new);
    private final LongAdder nanos = new LongAdder();

    /** Counts one. @param took how long, in nanoseconds; less than zero counts as zero */
    public void record(long took) {
        int index = 0;
        while (index < BOUNDS_NANOS.length && took > BOUNDS_NANOS[index]) {
            index++;
        }
        counts[index].increment();
        nanos.add(Math.max(0, took));
    }

    /** What was recorded so far; while others record, the sum may be a little ahead of or behind the counts. */
    public Snapshot snapshot() {
        return new Snapshot(Stream.of(counts).map(LongAdder::sum).toList(), nanos.sum() / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /**
     * Durations at one moment. Immutable.
     *
     * @param counts how many in each class of {@link #BOUNDS}, then how many longer than all of them; not cumulative
     * @param seconds the sum of all durations
     */
    public record Snapshot(List<Long> counts, double seconds) {

        /** Nothing recorded. */
        public static final Snapshot NONE = new Durations().snapshot();

        public Snapshot {
            counts = List.copyOf(counts);
        }

        /** How many durations in all. */
        public long count() {
            return counts.stream().mapToLong(Long::longValue).sum();
        }
    }
}
