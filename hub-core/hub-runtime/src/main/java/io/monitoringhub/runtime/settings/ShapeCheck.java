package io.monitoringhub.runtime.settings;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Compares settings with a shape: unknown keys, wrong kinds, values out of range or not among the options, what is missing.
 *
 * <p>Immutable.
 */
public final class ShapeCheck {

    private final Consumer<String> problems;
    private final BiFunction<String, String, String> shown;

    /** @param problems takes one line a problem, which begins with the key */
    public ShapeCheck(Consumer<String> problems) {
        this(problems, (key, text) -> "'" + text + "'");
    }

    /** @param shown makes of a key and a wrong value what may be told of it */
    public ShapeCheck(Consumer<String> problems, BiFunction<String, String, String> shown) {
        this.problems = problems;
        this.shown = shown;
    }

    /** Checks what stands below a key; the key of the whole file is empty. */
    public void check(String key, Object value, Shape shape) {
        check(key, value, shape, false);
    }

    private void check(String key, Object value, Shape shape, boolean secret) {
        if (shape instanceof Shape.Group group) {
            settings(key, value).ifPresent(settings -> group(key, settings, group));
        } else if (shape instanceof Shape.Named named) {
            settings(key, value).ifPresent(settings -> settings.forEach((name, each) -> check(below(key, name), each, named.each())));
        } else if (shape instanceof Shape.Rows rows) {
            List<Object> all = Values.asList(value);
            for (int i = 0; i < all.size(); i++) {
                check(key + "[" + i + "]", all.get(i), rows.each());
            }
        } else if (shape instanceof Shape.Leaf leaf) {
            leaf(key, value, leaf, secret);
        }
    }

    private Optional<Map<String, Object>> settings(String key, Object value) {
        Optional<Map<String, Object>> settings = Values.asMap(value);
        if (settings.isEmpty()) {
            problems.accept(key + ": expected settings, as in '" + last(key) + ": { ... }', not " + shown(key, value, false));
        }
        return settings;
    }

    private void group(String key, Map<String, Object> settings, Shape.Group group) {
        settings.forEach((name, value) -> {
            Shape.Field field = group.fields().get(name);
            if (field != null) {
                check(below(key, name), value, field.shape(), field.secret());
            } else if (!group.isOpen()) {
                problems.accept(below(key, name) + ": there is no such key" + Nearest.hint(name, group.fields().keySet()));
            }
        });
        group.fields().forEach((name, field) -> {
            if (field.required() && field.standard().isEmpty() && !settings.containsKey(name)) {
                problems.accept(below(key, name) + ": is missing: expected " + expected(field.shape()) + ". " + field.says());
            }
        });
    }

    private static String expected(Shape shape) {
        return shape instanceof Shape.Leaf leaf ? leaf.expected() : "settings";
    }

    private void leaf(String key, Object value, Shape.Leaf leaf, boolean secret) {
        if (value instanceof List<?> list) {
            if (leaf.many()) {
                list.forEach(each -> leaf(key, each, leaf, secret));
            } else {
                problems.accept(key + ": expected " + leaf.expected() + ", not a list");
            }
        } else if (value instanceof Map || !isGood(Values.text(value), leaf)) {
            problems.accept(key + ": expected " + leaf.expected() + ", not " + shown(key, value, secret));
        }
    }

    private static boolean isGood(String text, Shape.Leaf leaf) {
        if (!leaf.options().isEmpty()) {
            return leaf.options().contains(text) || leaf.many() && text.isEmpty();
        }
        if (leaf.kind() == Shape.Kind.FLAG) {
            return text.equals("true") || text.equals("false");
        }
        if (leaf.kind() == Shape.Kind.TEXT) {
            return true;
        }
        try {
            BigDecimal number = number(leaf.kind(), text);
            return leaf.least().stream().allMatch(least -> number.compareTo(number(leaf.kind(), least)) >= 0)
                    && leaf.most().stream().allMatch(most -> number.compareTo(number(leaf.kind(), most)) <= 0);
        } catch (IllegalArgumentException noNumber) {
            return false;
        }
    }

    private static BigDecimal number(Shape.Kind kind, String text) {
        return switch (kind) {
            case SIZE -> BigDecimal.valueOf(Quantities.bytes(text));
            case DURATION -> BigDecimal.valueOf(Quantities.duration(text).toMillis());
            case PERCENT -> BigDecimal.valueOf(Percent.of(text).hundredths());
            case INTEGER -> BigDecimal.valueOf(Long.parseLong(text));
            default -> new BigDecimal(text);
        };
    }

    private String shown(String key, Object value, boolean secret) {
        if (value instanceof Map || value instanceof List) {
            return value instanceof Map ? "settings" : "a list";
        }
        return secret ? "what it is" : shown.apply(key, Values.text(value));
    }

    private static String below(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
