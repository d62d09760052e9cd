package io.monitoringhub.runtime.settings;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes such as {@code 10GB} and durations such as {@code 24h}. */
public final class Quantities {

    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})\\s*([a-z]*)");
    private static final Map<String, Long> BYTES = Map.of("", 1L, "b", 1L, "kb", 1L << 10, "kib", 1L << 10, "mb", 1L << 20, "mib", 1L << 20,
            "gb", 1L << 30, "gib", 1L << 30, "tb", 1L << 40);
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "min", 60_000L, "h", 3_600_000L,
            "d", 86_400_000L);

    private Quantities() {
    }

    /**
     * A number of bytes; kB, MB, GB and TB are powers of 1,024.
     *
     * @throws IllegalArgumentException that says what was expected
     */
    public static long bytes(String text) {
        return number(text, BYTES, "a size such as 512MB or 10GB");
    }

    /** @throws IllegalArgumentException that says what was expected */
    public static Duration duration(String text) {
        return Duration.ofMillis(number(text, MILLIS, "a duration such as 500ms, 10s, 5m, 24h or 7d"));
    }

    private static long number(String text, Map<String, Long> units, String expected) {
        Matcher matcher = QUANTITY.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches() || !units.containsKey(matcher.group(2))) {
            throw new IllegalArgumentException("expected " + expected + ", not '" + text + "'");
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), units.get(matcher.group(2)));
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("expected " + expected + ", '" + text + "' is too large", tooLarge);
        }
    }
}
