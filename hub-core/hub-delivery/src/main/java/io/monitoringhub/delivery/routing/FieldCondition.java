package io.monitoringhub.delivery.routing;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * What a rule asks of one field of a message. All parts that are given must hold.
 *
 * <p>A value is compared as text; where message and condition both have a number, as a number. {@code null} counts as absent. Of an array
 * one element is enough.
 *
 * <p>Immutable.
 *
 * @param path names from the outside in, joined by dots: {@code tid}, {@code data.ctx.job_id}
 * @param equal it has one of these values; empty asks nothing
 * @param unequal it has none of these values; holds where the field is absent
 * @param matches the expression is found in its value
 * @param matchesNot the expression is not found in its value; holds where the field is absent
 * @param exists whether it is there
 */
public record FieldCondition(String path, List<String> equal, List<String> unequal, Optional<FieldPattern> matches,
        Optional<FieldPattern> matchesNot, Optional<Boolean> exists) {

    /** Longest path. */
    public static final int MOST_CHARACTERS = 200;

    private static final String SOURCE = "src";
    /** Longer numbers are compared as text. */
    private static final int MOST_DIGITS = 40;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d{1,9})?");

    /** @throws IllegalArgumentException when the path is none */
    public FieldCondition {
        if (path.length() > MOST_CHARACTERS || path.isEmpty() || path.startsWith(".") || path.endsWith(".") || path.contains("..")) {
            throw new IllegalArgumentException("expected a field, such as tid or data.ctx.job_id, not '" + path + "'");
        }
        equal = List.copyOf(equal);
        unequal = List.copyOf(unequal);
        Objects.requireNonNull(matches, "matches");
        Objects.requireNonNull(matchesNot, "matchesNot");
        Objects.requireNonNull(exists, "exists");
    }

    /** The field has one of these values. */
    public static FieldCondition equal(String path, String... values) {
        return new FieldCondition(path, List.of(values), List.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The expression is found in the field's value. */
    public static FieldCondition matches(String path, String expression) {
        return new FieldCondition(path, List.of(), List.of(), Optional.of(FieldPattern.of(expression)), Optional.empty(), Optional.empty());
    }

    /** Tells whether the index beside the message answers it. */
    boolean isAboutSource() {
        return path.equals(SOURCE);
    }

    boolean holds(FieldValues values) {
        return exists.map(wanted -> wanted == values.isThere()).orElse(true)
                && (equal.isEmpty() || values.any(value -> isOneOf(equal, value)))
                && (unequal.isEmpty() || !values.any(value -> isOneOf(unequal, value)))
                && (matches.isEmpty() || values.any(value -> matches.get().isFoundIn(value.text())))
                && (matchesNot.isEmpty() || !values.any(value -> matchesNot.get().isFoundIn(value.text())));
    }

    boolean holdsForSource(String source) {
        FieldValues values = new FieldValues();
        values.add(source, false);
        return holds(values);
    }

    private static boolean isOneOf(List<String> wanted, FieldValues.Value value) {
        for (String one : wanted) {
            if (one.equals(value.text()) || value.isNumber() && isSameNumber(one, value.text())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSameNumber(String wanted, String number) {
        return isNumber(wanted) && isNumber(number) && new BigDecimal(wanted).compareTo(new BigDecimal(number)) == 0;
    }

    private static boolean isNumber(String text) {
        return text.length() <= MOST_DIGITS && NUMBER.matcher(text).matches();
    }

    /** The form for people: {@code data.level = error | fatal}. */
    @Override
    public String toString() {
        StringJoiner all = new StringJoiner(" and ");
        if (!equal.isEmpty()) {
            all.add(path + " = " + String.join(" | ", equal));
        }
        if (!unequal.isEmpty()) {
            all.add(path + " != " + String.join(" | ", unequal));
        }
        matches.ifPresent(pattern -> all.add(path + " ~ /" + pattern + "/"));
        matchesNot.ifPresent(pattern -> all.add(path + " !~ /" + pattern + "/"));
        exists.ifPresent(wanted -> all.add(path + (wanted ? " exists" : " is absent")));
        return all.toString();
    }
}
