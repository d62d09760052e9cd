package io.monitoringhub.spi.backend;

import java.util.List;
import java.util.Objects;

/**
 * What became of a batch: every entry that is not named was written.
 *
 * <p>Immutable.
 *
 * @param rejected entries that the destination will never take; they become dead letters
 * @param retry offsets of entries to send again; must not overlap {@code rejected}
 */
public record WriteResult(List<Rejection> rejected, List<Long> retry) {

    private static final WriteResult ALL_WRITTEN = new WriteResult(List.of(), List.of());

    public WriteResult {
        rejected = List.copyOf(rejected);
        retry = List.copyOf(retry);
    }

    /** All entries were written. */
    public static WriteResult allWritten() {
        return ALL_WRITTEN;
    }

    /** Tells whether all entries were written. */
    public boolean isAllWritten() {
        return rejected.isEmpty() && retry.isEmpty();
    }

    /**
     * An entry that the destination will never take.
     *
     * @param offset which
     * @param reason one word of a small set, for counting: {@code too_large}, {@code mapping}, {@code encoding}
     * @param detail the destination's own words, for a person
     */
    public record Rejection(long offset, String reason, String detail) {
        public Rejection {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(detail, "detail");
        }
    }
}
