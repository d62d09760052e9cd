package io.monitoringhub.delivery.routing;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.regex.MatchResult;

/**
 * A regular expression that is looked for within a field's value. It is matched in time linear in the value's length, whatever
 * expression and value are, because lanes must not hang on what somebody sends.
 *
 * <p>Immutable.
 */
public final class FieldPattern {

    /** Longest expression. */
    public static final int MOST_CHARACTERS = 500;

    private static final int MOST_REPETITIONS = 1_000;
    private static final int MOST_STEPS = 2_000;
    private static final java.util.regex.Pattern REPETITION = java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private final String text;
    private final Pattern compiled;

    private FieldPattern(String text, Pattern compiled) {
        this.text = text;
        this.compiled = compiled;
    }

    /**
     * Compiles an expression in the syntax of RE2: no look-around and no back references.
     *
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static FieldPattern of(String text) {
        if (text.isEmpty() || text.length() > MOST_CHARACTERS || repetitions(text) > MOST_REPETITIONS) {
            throw new IllegalArgumentException("expected a regular expression of 1 to " + MOST_CHARACTERS + " characters whose counted"
                    + " repetitions, as in 'a{3}', multiply to " + MOST_REPETITIONS + " at most, not '" + shortened(text) + "'");
        }
        try {
            Pattern compiled = Pattern.compile(text);
            if (compiled.programSize() > MOST_STEPS) {
                throw new IllegalArgumentException("the regular expression '" + text + "' is too complex: " + compiled.programSize()
                        + " steps, of which " + MOST_STEPS + " are allowed");
            }
            return new FieldPattern(text, compiled);
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException("'" + text + "' is no regular expression (" + wrong.getDescription() + ": " + wrong.getPattern()
                    + "); look-around and back references are not supported", wrong);
        }
    }

    /** They multiply when nested; that not all of them are does not matter. */
    private static long repetitions(String text) {
        return REPETITION.matcher(text).results().mapToLong(FieldPattern::most)
                .reduce(1, (all, one) -> Math.min(MOST_REPETITIONS + 1L, all * Math.max(1, one)));
    }

    private static long most(MatchResult repetition) {
        String upper = repetition.group(2);
        return Long.parseLong(upper == null || upper.isEmpty() ? repetition.group(1) : upper);
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }

    /** Tells whether the expression is found anywhere in the value. */
    public boolean isFoundIn(String value) {
        return compiled.matcher(value).find();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldPattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The expression. */
    @Override
    public String toString() {
        return text;
    }
}
