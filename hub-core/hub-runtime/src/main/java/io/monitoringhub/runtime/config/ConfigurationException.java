package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Places;
import io.monitoringhub.spi.ComponentId;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that can't be used. Names every problem at once; nothing was changed. */
public final class ConfigurationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    private final transient Places places;

    ConfigurationException(Path file, List<String> problems, Places places) {
        this(file, places, places.sorted(problems));
    }

    private ConfigurationException(Path file, Places places, List<String> problems) {
        super(file + " cannot be used:\n  " + problems.stream().map(places::locate).collect(Collectors.joining("\n  ")));
        this.problems = problems;
        this.places = places;
    }

    /** One line a problem, as they stand in the files: key, what was expected, what was found. */
    public List<String> problems() {
        return problems;
    }

    /** One line a problem, with the place in front where it has one. */
    public List<String> lines() {
        return problems.stream().map(places::locate).toList();
    }

    /** The lines about an instance alone. */
    public List<String> linesOf(ComponentId id) {
        String key = id.kind().word() + "s." + id.name();
        return problems.stream().filter(problem -> problem.startsWith(key + ".") || problem.startsWith(key + ":")).map(places::locate).toList();
    }
}
