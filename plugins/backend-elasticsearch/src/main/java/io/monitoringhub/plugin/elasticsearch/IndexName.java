package io.monitoringhub.plugin.elasticsearch;

import io.monitoringhub.spi.MessageType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The names of indices, made of what an entry is and never of the time of writing: an entry that comes again goes to the same index.
 *
 * <p>Used by one thread at a time.
 */
final class IndexName {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(date|month|type)}");
    private static final Pattern FINE = Pattern.compile("[a-z0-9.][^A-Z\\\\/*?\"<>| ,#:{}\\p{Cntrl}]*");
    private static final int MAX_LENGTH = 200;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu.MM.dd", Locale.ROOT);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("uuuu.MM", Locale.ROOT);

    private final String pattern;
    private final Map<MessageType, String> ofDay = new EnumMap<>(MessageType.class);
    private long day = -1;

    IndexName(String pattern) {
        this.pattern = pattern;
    }

    /** What is wrong with the pattern, if anything is. */
    static Optional<String> problem(String pattern, boolean isDataStream) {
        String filled = PLACEHOLDER.matcher(pattern).replaceAll("x");
        if (!FINE.matcher(filled).matches() || filled.startsWith("..") || pattern.length() > MAX_LENGTH) {
            return Optional.of("expected a name of small letters, digits, '-', '_', '.' and the placeholders {date}, {month} and {type},"
                    + " such as monitoring-hub-{date}");
        }
        if (prefix(pattern).isEmpty()) {
            return Optional.of("expected a name that begins with a letter or digit, not with a placeholder: the index template is for all"
                    + " names that begin alike");
        }
        if (isDataStream && (pattern.contains("{date}") || pattern.contains("{month}"))) {
            return Optional.of("expected a name without {date} and {month} for a data stream, which is cut by rollover");
        }
        return Optional.empty();
    }

    private static String prefix(String pattern) {
        int end = pattern.indexOf('{');
        return end < 0 ? pattern : pattern.substring(0, end);
    }

    /** The name without placeholders, for what belongs to all indices. */
    static String common(String pattern) {
        return prefix(pattern).replaceAll("[-_.]+$", "");
    }

    /** The index template's pattern. */
    static String wildcard(String pattern) {
        return PLACEHOLDER.matcher(pattern).replaceAll("*");
    }

    /** The index of an entry. @param receivedAt when the hub took it in, Unix milliseconds */
    String of(MessageType type, long receivedAt) {
        long at = Math.floorDiv(receivedAt, 86_400_000L);
        if (at != day) {
            ofDay.clear();
            day = at;
        }
        return ofDay.computeIfAbsent(type, each -> fill(each, LocalDate.ofInstant(Instant.ofEpochMilli(receivedAt), ZoneOffset.UTC)));
    }

    private String fill(MessageType type, LocalDate date) {
        return pattern.replace("{date}", DATE.format(date)).replace("{month}", MONTH.format(date)).replace("{type}", type.word());
    }
}
