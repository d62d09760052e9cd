package io.monitoringhub.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.text.StringSubstitutor;

/**
 * Resolves {@code ${env:NAME}}, {@code ${file:/run/secrets/x}}, {@code ${hub.home}} and {@code ${hub.data}}, with a default as in
 * {@code ${env:NAME:-default}}. There is no other look-up, and what a look-up found is not looked through again.
 *
 * <p>Used by one thread at a time.
 */
final class LookUps {

    private final HubFolders folders;
    private final Map<String, String> environment;
    private final List<String> problems;
    private final StringSubstitutor substitutor = new StringSubstitutor(this::find);
    private String lastAsked = "";

    LookUps(HubFolders folders, Map<String, String> environment, List<String> problems) {
        this.folders = folders;
        this.environment = environment;
        this.problems = problems;
        substitutor.setDisableSubstitutionInValues(true).setEnableUndefinedVariableException(true);
    }

    /** Tells whether there is anything to resolve. */
    static boolean isIn(Object value) {
        return value instanceof String text && text.contains("${");
    }

    /** The value to use; what can't be resolved becomes a problem of this key. */
    Object resolve(String key, Object value) {
        if (!isIn(value)) {
            return value;
        }
        try {
            return substitutor.replace((String) value);
        } catch (IllegalArgumentException undefined) {
            problems.add(key + ": cannot resolve ${" + lastAsked + "}: " + reason(lastAsked));
            return value;
        }
    }

    private String find(String variable) {
        lastAsked = variable;
        if (variable.startsWith("env:")) {
            return environment.get(variable.substring("env:".length()));
        }
        if (variable.startsWith("file:")) {
            return contents(variable.substring("file:".length()));
        }
        return switch (variable) {
            case "hub.home" -> folders.home().toString();
            case "hub.data" -> folders.data().toString();
            default -> null;
        };
    }

    private String contents(String file) {
        try {
            return Files.readString(folders.resolve(Path.of(file))).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }

    private static String reason(String variable) {
        if (variable.startsWith("env:")) {
            return "the environment variable is not set. Set it, or give a default as in ${" + variable + ":-default}";
        }
        if (variable.startsWith("file:")) {
            return "the file cannot be read";
        }
        return "expected ${env:NAME}, ${file:/path}, ${hub.home} or ${hub.data}; other look-ups are off";
    }
}
