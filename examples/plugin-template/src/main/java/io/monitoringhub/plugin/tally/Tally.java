package io.monitoringhub.plugin.tally;

import io.monitoringhub.spi.MessageType;
import java.util.Map;
import java.util.TreeMap;

/** Counts, and the offset of the first entry that is not counted. Used by one thread at a time. */
final class Tally {

    /** Stands for all sources for which there is no row left. */
    static final String OTHER = "*";

    private static final int TYPES = MessageType.values().length;

    private final int maxSources;
    private final Map<String, long[]> counts = new TreeMap<>();
    private long next;
    private boolean isFull;

    Tally(long next, int maxSources) {
        this.next = next;
        this.maxSources = maxSources;
    }

    void count(String source, MessageType type, long offset) {
        row(source)[type.ordinal()]++;
        next = offset + 1;
    }

    /** Sources are chosen by clients: without a limit, a client that makes them up fills the hub's memory. */
    private long[] row(String source) {
        long[] known = counts.get(source);
        if (known != null) {
            return known;
        }
        isFull |= counts.size() >= maxSources;
        return counts.computeIfAbsent(isFull ? OTHER : source, unknown -> new long[TYPES]);
    }

    /** Never backwards: the counts can't be taken back. */
    void advance(long to) {
        next = Math.max(next, to);
    }

    long next() {
        return next;
    }

    boolean isFull() {
        return isFull;
    }

    /** As counted before: from the file. */
    void set(String source, MessageType type, long count) {
        counts.computeIfAbsent(source, unknown -> new long[TYPES])[type.ordinal()] = count;
    }

    /** By source, then by the type's ordinal. */
    Map<String, long[]> counts() {
        return counts;
    }
}
