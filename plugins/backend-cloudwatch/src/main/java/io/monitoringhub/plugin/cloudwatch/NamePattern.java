package io.monitoringhub.plugin.cloudwatch;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of log groups or log streams: text with placeholders. What CloudWatch does not allow in a name becomes {@code _}.
 *
 * <p>Immutable.
 */
final class NamePattern {

    static final int MAX_LENGTH = 512;
    /** Each is two characters at most. */
    private static final int MAX_CODE_POINTS = MAX_LENGTH / 2;

    private static final Pattern PART = Pattern.compile("\\{([^{}]*)}|([^{}]+)|(.)", Pattern.DOTALL);
    private static final Set<String> PLACEHOLDERS = Set.of("source", "type", "date", "host");
    private static final IntPredicate IN_GROUP = c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_-/.#".indexOf(c) >= 0;
    private static final IntPredicate IN_STREAM = c -> c != ':' && c != '*' && !Character.isISOControl(c);

    private final List<String> parts;
    private final String host;
    private final IntPredicate allowed;

    private NamePattern(List<String> parts, String host, IntPredicate allowed) {
        this.parts = List.copyOf(parts);
        this.host = host;
        this.allowed = allowed;
    }

    /** @param problems gets what is wrong with the text */
    static NamePattern group(String text, String host, Consumer<String> problems) {
        if (text.startsWith("aws/")) {
            problems.accept("'" + text + "': expected a name that does not begin with aws/, which is reserved");
        }
        return parse(text, host, IN_GROUP, "letters, digits and _ - / . #", problems);
    }

    /** @param problems gets what is wrong with the text */
    static NamePattern stream(String text, String host, Consumer<String> problems) {
        return parse(text, host, IN_STREAM, "no colon, asterisk or control character", problems);
    }

    private static NamePattern parse(String text, String host, IntPredicate allowed, String expected, Consumer<String> problems) {
        List<String> parts = new ArrayList<>();
        Matcher matcher = PART.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) != null && !PLACEHOLDERS.contains(matcher.group(1))) {
                problems.accept("'" + text + "': {" + matcher.group(1) + "} is no placeholder: expected {source}, {type}, {date} or {host}");
            } else if (matcher.group(3) != null || matcher.group(2) != null && !matcher.group(2).chars().allMatch(allowed)) {
                problems.accept("'" + text + "': '" + matcher.group() + "' is not allowed: expected " + expected);
            }
            parts.add(matcher.group());
        }
        if (text.isBlank() || text.length() > MAX_LENGTH) {
            problems.accept("'" + text + "': expected 1 to " + MAX_LENGTH + " characters");
        }
        return new NamePattern(parts, host, allowed);
    }

    /** The name for an entry. @param day of its time stamp, since 1970 in UTC */
    String name(String source, String type, long day) {
        StringBuilder name = new StringBuilder();
        for (String part : parts) {
            switch (part) {
                case "{source}" -> name.append(source);
                case "{type}" -> name.append(type);
                case "{date}" -> name.append(LocalDate.ofEpochDay(day));
                case "{host}" -> name.append(host);
                default -> name.append(part);
            }
        }
        StringBuilder clean = new StringBuilder(name.length());
        name.codePoints().limit(MAX_CODE_POINTS).forEach(c -> clean.appendCodePoint(allowed.test(c) ? c : '_'));
        return clean.toString();
    }

    /** The day of a time, for {@link #name}. */
    static long day(long millis) {
        return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay();
    }
}
