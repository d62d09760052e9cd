package io.monitoringhub.plugin.httpbackend;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * What a server answered. Immutable, but for the body's array.
 *
 * @param status of HTTP
 * @param headers by name in lower case
 * @param body what came of it, up to a limit
 */
record HttpAnswer(int status, Map<String, String> headers, byte[] body) {

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final int MOST_SHOWN = 300;

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    boolean isJson() {
        return header("content-type").startsWith("application/json");
    }

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** How long the server wants to be left alone, as seconds or as a date; zero if it does not say. */
    Duration retryAfter(Clock clock) {
        String value = header("retry-after").strip();
        try {
            Duration wait = value.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(value))
                    : value.isEmpty() ? Duration.ZERO
                    : Duration.between(clock.instant(), Instant.from(ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)));
            return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        } catch (DateTimeException neither) {
            return Duration.ZERO;
        }
    }

    /** The beginning of the body, as one line. */
    String words() {
        String text = new String(body, 0, Math.min(body.length, MOST_SHOWN), StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return text.isEmpty() ? "no words" : text;
    }
}
