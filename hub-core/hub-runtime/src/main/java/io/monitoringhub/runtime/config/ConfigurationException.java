package io.monitoringhub.runtime.config;

import java.nio.file.Path;
import java.util.List;

/** A configuration that can't be used. Names every problem at once; nothing was changed. */
public final class ConfigurationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigurationException(Path file, List<String> problems) {
        super(file + " cannot be used:\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line a problem: key, what was expected, what was found. */
    public List<String> problems() {
        return problems;
    }
}
