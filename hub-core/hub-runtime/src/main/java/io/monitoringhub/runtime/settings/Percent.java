package io.monitoringhub.runtime.settings;

/**
 * A share, written such as {@code 20%}. Immutable.
 *
 * @param hundredths 0 to 100
 */
public record Percent(int hundredths) {

    /** @throws IllegalArgumentException that says what was expected */
    static Percent of(String text) {
        if (!text.matches("(100|\\d{1,2})%")) {
            throw new IllegalArgumentException("expected 0% to 100%, not '" + text + "'");
        }
        return new Percent(Integer.parseInt(text.substring(0, text.length() - 1)));
    }
}
