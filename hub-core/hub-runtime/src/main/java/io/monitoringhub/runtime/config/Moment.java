package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Quantities;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Date;

/**
 * A time as a person writes it: with date, time and zone, or as so long ago.
 *
 * <p>Immutable.
 */
public sealed interface Moment {

    /** What to write. */
    String EXPECTED = "a time such as 2026-11-22T12:00:00Z, 2026-11-22T13:00:00+01:00 or -2h";

    /** When it is. */
    Instant at(Clock clock);

    /** With date, time and zone. */
    record Fixed(Instant time) implements Moment {
        @Override
        public Instant at(Clock clock) {
            return time;
        }
    }

    /** So long ago. */
    record Ago(Duration ago) implements Moment {
        @Override
        public Instant at(Clock clock) {
            return clock.instant().minus(ago);
        }
    }

    /**
     * Understands a setting or a word of a command.
     *
     * @param value text, or the date that YAML makes of a time without quotes
     * @throws IllegalArgumentException that says what was expected
     */
    static Moment of(Object value) {
        if (value instanceof Date date) {
            return new Fixed(date.toInstant());
        }
        String text = value.toString().strip();
        try {
            return text.startsWith("-") ? new Ago(Quantities.duration(text.substring(1))) : new Fixed(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException | IllegalArgumentException wrong) {
            throw new IllegalArgumentException("expected " + EXPECTED + ", not '" + text + "'", wrong);
        }
    }
}
