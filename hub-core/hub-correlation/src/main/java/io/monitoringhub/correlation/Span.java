package io.monitoringhub.correlation;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * One piece of work within a trace. Immutable.
 *
 * @param id the span's id, unique within its trace
 * @param parent the id of the span that it is part of, if it named one
 * @param trace the id of its trace
 * @param source who opened it
 * @param name what it does; can be empty when only the closing message was seen
 * @param start when it began, in Unix milliseconds by the sender's clock; empty when only the closing message was seen
 * @param end when it ended; empty while it is open
 * @param status as the closing message said; can be empty
 * @param tags sorted by key
 * @param orphan whether it names a parent that was not seen
 */
public record Span(String id, Optional<String> parent, String trace, String source, String name, OptionalLong start, OptionalLong end,
        String status, Map<String, String> tags, boolean orphan) {

    private static final Set<String> FAILURES = Set.of("error", "failed", "fail", "failure", "fatal", "aborted", "timeout", "cancelled",
            "canceled", "crashed");

    /** Copies the tags. */
    public Span {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** Tells whether nobody has closed it yet. */
    public boolean isOpen() {
        return end.isEmpty();
    }

    /** Tells whether its status is one of the usual words for failure. */
    public boolean isFailed() {
        return isFailure(status);
    }

    /** How long it took; negative where the clocks of its two ends disagree; empty while an end is missing. */
    public OptionalLong durationMs() {
        return start.isPresent() && end.isPresent() ? OptionalLong.of(end.getAsLong() - start.getAsLong()) : OptionalLong.empty();
    }

    static boolean isFailure(String status) {
        return FAILURES.contains(status.toLowerCase(Locale.ROOT));
    }
}
