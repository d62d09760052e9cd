package io.monitoringhub.checks;

import io.monitoringhub.runtime.settings.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys of a section of the configuration as a table in Markdown.
 *
 * <p>Immutable.
 */
final class KeyTable {

    static final String SIZE = "`B`, `KB`, `MB`, `GB`, `TB`";
    static final String DURATION = "`ms`, `s`, `m`, `h`, `d`";

    private static final Pattern WRITTEN_DURATION = Pattern.compile("\\d+(ms|s|m|h|d)");
    private static final Pattern WRITTEN_SIZE = Pattern.compile("\\d+[KMGT]B");
    /** Where a number's unit is said, from the surest place to the least sure. */
    private static final Map<Pattern, String> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put(Pattern.compile("_ms: "), "ms");
        UNITS.put(Pattern.compile("_s: "), "s");
        UNITS.put(Pattern.compile("_days: "), "days");
        UNITS.put(Pattern.compile(": Bytes a second "), "bytes/s");
        UNITS.put(Pattern.compile("(?i): .*\\bseconds\\b"), "s");
        UNITS.put(Pattern.compile("(?i): .*\\bbytes\\b"), "bytes");
    }

    private final Map<String, Shape.Field> rows;

    private KeyTable(Map<String, Shape.Field> rows) {
        this.rows = rows;
    }

    /** All keys below a group, with dots. */
    static KeyTable of(String prefix, Shape.Group group) {
        Map<String, Shape.Field> rows = new LinkedHashMap<>();
        collect(prefix, group, rows);
        return new KeyTable(rows);
    }

    private static void collect(String prefix, Shape.Group group, Map<String, Shape.Field> rows) {
        group.fields().forEach((name, field) -> {
            if (field.shape() instanceof Shape.Group below) {
                collect(prefix + name + ".", below, rows);
            } else if (field.shape() instanceof Shape.Named named && named.each() instanceof Shape.Group below) {
                collect(prefix + name + ".<name>.", below, rows);
            } else {
                rows.put(prefix + name, field);
            }
        });
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    String markdown() {
        return rows.entrySet().stream().map(each -> row(each.getKey(), each.getValue())).collect(Collectors.joining("",
                "| key | type | default | unit | range | meaning |\n|---|---|---|---|---|---|\n", "\n"));
    }

    private static String row(String key, Shape.Field field) {
        return "| " + String.join(" | ", code(key), type(field), standard(field), unit(key, field), range(field), meaning(field)) + " |\n";
    }

    private static String type(Shape.Field field) {
        if (!(field.shape() instanceof Shape.Leaf leaf)) {
            return "settings";
        }
        String type = !leaf.options().isEmpty() ? leaf.options().stream().map(KeyTable::code).collect(Collectors.joining(", ")) : switch (leaf.kind()) {
            case TEXT -> isWritten(WRITTEN_DURATION, field) ? "duration" : isWritten(WRITTEN_SIZE, field) ? "size" : "text";
            case INTEGER -> "whole number";
            case NUMBER -> "number";
            case FLAG -> "`true`, `false`";
            case SIZE -> "size";
            case DURATION -> "duration";
            case PERCENT -> "percent";
        };
        return (leaf.many() ? "list of " : "") + type + (field.secret() ? ", secret" : "");
    }

    private static boolean isWritten(Pattern form, Shape.Field field) {
        return field.standard().filter(form.asMatchPredicate()).isPresent();
    }

    private static String standard(Shape.Field field) {
        return field.standard().filter(each -> !each.isBlank()).map(KeyTable::code).orElse(field.required() ? "**required**" : "none");
    }

    private static String unit(String key, Shape.Field field) {
        if (!(field.shape() instanceof Shape.Leaf leaf)) {
            return "";
        }
        return switch (leaf.kind()) {
            case SIZE -> SIZE;
            case DURATION -> DURATION;
            case PERCENT -> "`%`";
            case TEXT -> isWritten(WRITTEN_DURATION, field) ? DURATION : isWritten(WRITTEN_SIZE, field) ? SIZE : "";
            case INTEGER, NUMBER -> UNITS.entrySet().stream().filter(each -> each.getKey().matcher(key + ": " + field.says()).find())
                    .map(Map.Entry::getValue).findFirst().orElse("");
            case FLAG -> "";
        };
    }

    private static String range(Shape.Field field) {
        if (!(field.shape() instanceof Shape.Leaf leaf)) {
            return "";
        }
        Optional<String> least = leaf.least();
        // The largest int is no limit that anybody chose.
        Optional<String> most = leaf.most().filter(each -> !each.equals(Integer.toString(Integer.MAX_VALUE)));
        return least.map(from -> most.map(to -> from + " to " + to).orElse("from " + from)).orElseGet(() -> most.map(to -> "up to " + to).orElse(""));
    }

    private static String meaning(Shape.Field field) {
        String says = field.says().strip().replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
        return (says.endsWith(".") ? says : says + ".") + (field.restart() ? " *With the next start.*" : "");
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|") + "`";
    }

}
