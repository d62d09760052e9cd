package io.monitoringhub.plugin.s3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of objects, such as {@code events/{date}/{source}/{offsets}}.
 *
 * <p>An entry decides on all of a key but the offsets, which are known when the stretch has ended: what {@link #stem} returns still has the
 * text {@link #OFFSETS}, which no source can contain.
 *
 * <p>Immutable.
 */
final class KeyPattern {

    /** The place of the offsets in a stem. */
    static final String OFFSETS = "{offsets}";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^{}]*}?");
    /** Amazon's limit. */
    private static final int MAX_KEY = 1_024;
    /** Name of the instance, part of the log's id, two offsets, extension. */
    private static final int MAX_OFFSETS = 64 + 1 + 12 + 1 + 20 + 1 + 20 + 10;

    private enum Placeholder {
        SOURCE(SourceElement.MAX_LENGTH), TYPE(9), DATE(10), HOUR(2), OFFSETS(MAX_OFFSETS);

        private final String text = "{" + name().toLowerCase(Locale.ROOT) + "}";
        private final int maxLength;

        Placeholder(int maxLength) {
            this.maxLength = maxLength;
        }
    }

    /** Literal text where the placeholder is null. */
    private record Part(Placeholder placeholder, String literal) {
    }

    private final List<Part> parts;

    private KeyPattern(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** Reads a pattern and names everything that is wrong with it. */
    static KeyPattern parse(String text, Consumer<String> problems) {
        List<Part> parts = new ArrayList<>();
        Matcher braces = PLACEHOLDER.matcher(text);
        int at = 0;
        while (braces.find()) {
            parts.add(new Part(null, text.substring(at, braces.start())));
            at = braces.end();
            Placeholder found = null;
            for (Placeholder each : Placeholder.values()) {
                found = each.text.equals(braces.group()) ? each : found;
            }
            if (found == null) {
                problems.accept(braces.group() + " is no placeholder, expected {source}, {type}, {date}, {hour} or {offsets}");
            } else {
                parts.add(new Part(found, ""));
            }
        }
        parts.add(new Part(null, text.substring(at)));
        KeyPattern pattern = new KeyPattern(parts);
        pattern.check(text, problems);
        return pattern;
    }

    private void check(String text, Consumer<String> problems) {
        if (parts.stream().anyMatch(part -> part.literal.indexOf('}') >= 0)) {
            problems.accept("'}' without '{'");
        }
        if (text.codePoints().anyMatch(c -> Character.isISOControl(c) || c == '\\' || c == 0xFFFD || Character.getType(c) == Character.SURROGATE)) {
            problems.accept("expected no control characters and no backslash");
        }
        for (String element : text.split("/", -1)) {
            if (element.isEmpty() || element.startsWith(".")) {
                problems.accept("expected no '/' at the beginning or end, no empty part and none that begins with a dot");
                break;
            }
        }
        if (parts.stream().filter(part -> part.placeholder == Placeholder.OFFSETS).count() != 1
                || text.lastIndexOf('/') > text.indexOf(OFFSETS)) {
            problems.accept("expected {offsets} once, in the last part: it is what makes a key an object's own");
        }
        int longest = parts.stream().mapToInt(part -> part.placeholder == null ? part.literal.getBytes(StandardCharsets.UTF_8).length
                : part.placeholder.maxLength).sum();
        if (longest > MAX_KEY) {
            problems.accept("a key can become " + longest + " bytes long, expected at most " + MAX_KEY);
        }
    }

    boolean hasSource() {
        return has(Placeholder.SOURCE);
    }

    boolean hasType() {
        return has(Placeholder.TYPE);
    }

    boolean hasTime() {
        return has(Placeholder.DATE) || has(Placeholder.HOUR);
    }

    private boolean has(Placeholder placeholder) {
        return parts.stream().anyMatch(part -> part.placeholder == placeholder);
    }

    /** The key for these values, but for the offsets. */
    String stem(String source, String type, String date, String hour) {
        StringBuilder key = new StringBuilder();
        for (Part part : parts) {
            if (part.placeholder == null) {
                key.append(part.literal);
                continue;
            }
            key.append(switch (part.placeholder) {
                case SOURCE -> SourceElement.of(source);
                case TYPE -> type;
                case DATE -> date;
                case HOUR -> hour;
                case OFFSETS -> OFFSETS;
            });
        }
        return key.toString();
    }
}
