package io.monitoringhub.plugin.filesystem;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The names of files below the folder, such as {@code {source}/events-{date}.jsonl}.
 *
 * <p>Immutable.
 */
final class FilePattern {

    private static final Pattern EXTENSION = Pattern.compile("\\.[A-Za-z][A-Za-z0-9_-]*");
    /** What most file systems allow, less what {@code .1234567890.gz.tmp} takes. */
    private static final int MAX_ELEMENT = 255 - 18;

    private enum Placeholder {
        SOURCE(SourceNames.MAX_LENGTH), TYPE(9), DATE(10), HOUR(2);

        private final String text = "{" + name().toLowerCase(Locale.ROOT) + "}";
        private final int maxLength;

        Placeholder(int maxLength) {
            this.maxLength = maxLength;
        }
    }

    /** Literal text where the placeholder is null. */
    private record Part(Placeholder placeholder, String literal) { }

    private final List<Part> parts;

    private FilePattern(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** Reads a pattern and names everything that is wrong with it. */
    static FilePattern parse(String text, Consumer<String> problems) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            if (open != at) {
                String literal = text.substring(at, open < 0 ? text.length() : open);
                parts.add(new Part(null, literal));
                at += literal.length();
                if (literal.indexOf('}') >= 0) {
                    problems.accept("'}' without '{'");
                }
                continue;
            }
            int close = text.indexOf('}', open);
            String name = close < 0 ? text.substring(open) : text.substring(open, close + 1);
            Placeholder placeholder = placeholder(name);
            if (placeholder == null) {
                problems.accept(name + " is no placeholder, expected {source}, {type}, {date} or {hour}");
            } else {
                parts.add(new Part(placeholder, ""));
            }
            at = open + name.length();
        }
        checkText(text, problems);
        checkElements(text, problems);
        checkExtension(text, problems);
        return new FilePattern(parts);
    }

    private static Placeholder placeholder(String text) {
        for (Placeholder placeholder : Placeholder.values()) {
            if (placeholder.text.equals(text)) {
                return placeholder;
            }
        }
        return null;
    }

    private static void checkText(String text, Consumer<String> problems) {
        if (text.codePoints().anyMatch(c -> Character.isISOControl(c) || c == '\\' || c == 0xFFFD
                || Character.getType(c) == Character.SURROGATE)) {
            problems.accept("expected no control characters and no backslash");
        }
    }

    private static void checkElements(String text, Consumer<String> problems) {
        for (String element : text.split("/", -1)) {
            if (element.isEmpty()) {
                problems.accept("expected a relative path without empty parts");
            } else if (element.startsWith(".")) {
                problems.accept("no part may begin with a dot");
            } else if (maxLength(element) > MAX_ELEMENT) {
                problems.accept("a name can become " + maxLength(element) + " bytes long, expected at most " + MAX_ELEMENT);
            }
        }
    }

    private static int maxLength(String element) {
        int length = element.getBytes(StandardCharsets.UTF_8).length;
        for (Placeholder placeholder : Placeholder.values()) {
            int count = (element.length() - element.replace(placeholder.text, "").length()) / placeholder.text.length();
            length += count * (placeholder.maxLength - placeholder.text.length());
        }
        return length;
    }

    private static void checkExtension(String text, Consumer<String> problems) {
        String tail = text.substring(text.lastIndexOf('}') + 1);
        int dot = tail.lastIndexOf('.');
        String extension = dot < 0 ? "" : tail.substring(dot);
        if (!EXTENSION.matcher(extension).matches() || extension.equals(".gz") || extension.equals(".tmp")) {
            problems.accept("expected an extension at the end, such as .jsonl; not .gz, not .tmp");
        }
    }

    boolean hasSource() {
        return has(Placeholder.SOURCE);
    }

    boolean hasType() {
        return has(Placeholder.TYPE);
    }

    boolean hasDate() {
        return has(Placeholder.DATE);
    }

    boolean hasHour() {
        return has(Placeholder.HOUR);
    }

    private boolean has(Placeholder placeholder) {
        return parts.stream().anyMatch(part -> part.placeholder == placeholder);
    }

    /** The name for these values. */
    String name(String source, String type, Periods.Period period) {
        StringBuilder name = new StringBuilder();
        for (Part part : parts) {
            if (part.placeholder == null) {
                name.append(part.literal);
                continue;
            }
            name.append(switch (part.placeholder) {
                case SOURCE -> SourceNames.element(source);
                case TYPE -> type;
                case DATE -> period.date();
                case HOUR -> period.hour();
            });
        }
        return name.toString();
    }
}
