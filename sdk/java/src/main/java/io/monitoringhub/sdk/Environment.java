package io.monitoringhub.sdk;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Options from environment variables. A wrong one counts as left out, and is noted. Used by one thread at a time. */
final class Environment {

    private final Map<String, String> variables;
    private String wrong = "";

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** What is wrong with the last wrong one, {@code ""} if none is. */
    String wrong() {
        return wrong;
    }

    String text(String name, String otherwise) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    /** Any other word than those for no means yes. */
    boolean isOn(String name) {
        return !text(name, "0").matches("0|(?i:no|off|false)");
    }

    double number(String name, double otherwise) {
        String text = text(name, "");
        try {
            return text.isEmpty() ? otherwise : Double.parseDouble(text.trim());
        } catch (NumberFormatException e) {
            wrong = name + " is no number: " + text;
            return otherwise;
        }
    }

    Optional<Path> file(String name) {
        String path = text(name, "");
        try {
            return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
        } catch (InvalidPathException e) {
            wrong = name + " is no path: " + path;
            return Optional.empty();
        }
    }
}
