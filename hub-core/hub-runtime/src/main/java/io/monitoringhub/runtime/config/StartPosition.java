package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.LaneSettings;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a backend begins that the hub did not know before. Immutable.
 *
 * @param word {@code earliest} or {@code latest}, or the time as it was written
 * @param moment the time
 */
public record StartPosition(String word, Optional<Moment> moment) {

    /** With the next entry. */
    public static final StartPosition LATEST = new StartPosition("latest", Optional.empty());
    /** With the first entry that the log still holds. */
    public static final StartPosition EARLIEST = new StartPosition("earliest", Optional.empty());

    public StartPosition {
        Objects.requireNonNull(word, "word");
        Objects.requireNonNull(moment, "moment");
    }

    /** @throws IllegalArgumentException that says what was expected */
    static StartPosition of(Object value) {
        String word = value.toString().strip();
        if (word.equals(LATEST.word)) {
            return LATEST;
        }
        if (word.equals(EARLIEST.word)) {
            return EARLIEST;
        }
        try {
            return new StartPosition(word, Optional.of(Moment.of(value)));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("expected earliest, latest or " + Moment.EXPECTED + ", not '" + word + "'", wrong);
        }
    }

    /** For a lane that is made now. */
    public LaneSettings.Start at(Clock clock) {
        return moment.map(time -> LaneSettings.Start.at(time.at(clock)))
                .orElse(word.equals(EARLIEST.word) ? LaneSettings.Start.OLDEST : LaneSettings.Start.NEXT);
    }
}
