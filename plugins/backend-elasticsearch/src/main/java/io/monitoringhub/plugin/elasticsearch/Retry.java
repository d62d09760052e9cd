package io.monitoringhub.plugin.elasticsearch;

import java.net.http.HttpHeaders;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Reads {@code Retry-After}, which is a number of seconds or a date.
 *
 * <p>Immutable.
 */
final class Retry {

    private static final Duration LONGEST = Duration.ofMinutes(10);

    private Retry() { }

    /** How long the server asked to be left alone; zero where it did not say, or nothing that makes sense. */
    static Duration after(HttpHeaders headers, Clock clock) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (value.matches("\\d{1,9}")) {
            return bounded(Duration.ofSeconds(Long.parseLong(value)));
        }
        if (value.isEmpty()) {
            return Duration.ZERO;
        }
        try {
            return bounded(Duration.between(clock.instant(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    private static Duration bounded(Duration wait) {
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
