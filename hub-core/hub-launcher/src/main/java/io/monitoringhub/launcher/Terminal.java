package io.monitoringhub.launcher;

import io.monitoringhub.command.Help;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where output goes: {@code bin/hub} says in TERMINAL_COLUMNS how wide the terminal is, and says nothing where there is none. Immutable.
 *
 * @param columns how wide it is; empty where it is no terminal
 * @param hasColour whether colour is wanted
 */
record Terminal(OptionalInt columns, boolean hasColour) {

    static Terminal of(Map<String, String> environment) {
        String text = environment.getOrDefault("TERMINAL_COLUMNS", "");
        if (!text.matches("[1-9]\\d{1,3}")) {
            return new Terminal(OptionalInt.empty(), false);
        }
        boolean isPlain = !environment.getOrDefault("NO_COLOR", "").isEmpty() || environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(OptionalInt.of(Math.max(40, Integer.parseInt(text))), !isPlain);
    }

    int width() {
        return columns.orElse(Help.STANDARD_WIDTH);
    }

    /** What tells it to the shell of the hub, which takes it for a comment if it is of another version; empty for no terminal. */
    String announcement() {
        return columns.isEmpty() ? "" : "#terminal " + columns.getAsInt() + (hasColour ? " colour" : "");
    }
}
