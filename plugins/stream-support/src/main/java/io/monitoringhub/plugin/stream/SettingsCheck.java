package io.monitoringhub.plugin.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** Collects what is wrong with a configuration, so that all of it is said at once. Used by one thread. */
public final class SettingsCheck {

    private final List<String> problems = new ArrayList<>();

    /** Notes that something is wrong: key, value, what was expected. */
    public void problem(String text) {
        problems.add(text);
    }

    /** A number; Declarative Services converts it when it is asked for, and throws an unchecked exception of its own if it can't. */
    public int within(String key, IntSupplier value, int least, int most) {
        String expected = "expected a number from " + least + " to " + most;
        try {
            int number = value.getAsInt();
            if (number < least || number > most) {
                problem(key + " '" + number + "': " + expected);
            }
            return number;
        } catch (RuntimeException unreadable) {
            problem(key + ": " + expected + " (" + unreadable.getMessage() + ")");
            return least;
        }
    }

    /** @throws IllegalArgumentException that names every problem, if there is one */
    public void done() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }
}
