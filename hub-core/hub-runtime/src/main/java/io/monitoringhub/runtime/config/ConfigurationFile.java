package io.monitoringhub.runtime.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.configuration2.BaseHierarchicalConfiguration;
import org.apache.commons.configuration2.FileBasedConfiguration;
import org.apache.commons.configuration2.JSONConfiguration;
import org.apache.commons.configuration2.YAMLConfiguration;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;

/**
 * Reads {@code hub.yaml} or {@code hub.json}. Environment before file before defaults.
 *
 * <p>{@code ${env:NAME}}, {@code ${file:/run/secrets/x}}, {@code ${hub.home}} and {@code ${hub.data}} are resolved, with
 * {@code ${env:NAME:-default}} where a default is wanted; no other look-up exists here.
 *
 * <p>Immutable.
 */
public final class ConfigurationFile {

    private static final Pattern UNRESOLVED = Pattern.compile("(?<!\\$)\\$\\{([^}]*)}");

    private final HubFolders folders;
    private final Map<String, String> environment;

    public ConfigurationFile(HubFolders folders, Map<String, String> environment) {
        this.folders = folders;
        this.environment = Map.copyOf(environment);
    }

    /** Where the file is. */
    public Path path() {
        return folders.configuration();
    }

    /** @throws ConfigurationException that names every problem */
    public HubConfiguration read() throws ConfigurationException {
        List<String> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        SettingsTree tree = tree(problems);
        Optional<String> older = OlderLayout.advice(path(), tree);
        if (older.isPresent()) {
            throw new ConfigurationException(path(), List.of(older.get()));
        }
        new EnvironmentOverrides(environment).applyTo(tree, warnings);
        HubConfiguration configuration = new ConfigurationReader(folders, tree, problems, warnings).read();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(path(), problems);
        }
        return configuration;
    }

    private SettingsTree tree(List<String> problems) throws ConfigurationException {
        BaseHierarchicalConfiguration file = path().toString().endsWith(".json") ? new JSONConfiguration() : new YAMLConfiguration();
        try (Reader reader = Files.newBufferedReader(path())) {
            ((FileBasedConfiguration) file).read(reader);
        } catch (IOException unreadable) {
            throw new ConfigurationException(path(), List.of("cannot read the file (" + unreadable + "): does it exist, and may the hub's"
                    + " user read it? HUB_CONF names another one"));
        } catch (org.apache.commons.configuration2.ex.ConfigurationException malformed) {
            throw new ConfigurationException(path(), List.of(describe(malformed)));
        }
        ConfigurationInterpolator interpolator = interpolator();
        return SettingsTree.of(file.getNodeModel().getInMemoryRepresentation(), key -> value -> resolve(key, value, interpolator, problems));
    }

    /** The parser's own words, which name line and column. */
    private static String describe(Throwable malformed) {
        Throwable cause = malformed;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).strip().replace("\n", "\n    ");
    }

    private Object resolve(String key, Object value, ConfigurationInterpolator interpolator, List<String> problems) {
        if (!(value instanceof String text) || !text.contains("${")) {
            return value;
        }
        Object resolved = interpolator.interpolate(text);
        Matcher left = UNRESOLVED.matcher(String.valueOf(resolved));
        if (left.find()) {
            problems.add(key + ": cannot resolve ${" + left.group(1) + "}: " + unresolved(left.group(1)));
        }
        return resolved;
    }

    private static String unresolved(String variable) {
        if (variable.startsWith("env:")) {
            return "the environment variable is not set. Set it, or give a default as in ${" + variable + ":-default}";
        }
        if (variable.startsWith("file:")) {
            return "the file cannot be read";
        }
        return "expected ${env:NAME}, ${file:/path}, ${hub.home} or ${hub.data}; other look-ups are off";
    }

    private ConfigurationInterpolator interpolator() {
        Map<String, String> places = Map.of("hub.home", folders.home().toString(), "hub.data", folders.data().toString());
        ConfigurationInterpolator interpolator = new ConfigurationInterpolator();
        interpolator.registerLookup("env", environment::get);
        interpolator.registerLookup("file", this::contents);
        interpolator.addDefaultLookup(places::get);
        return interpolator;
    }

    private Object contents(String file) {
        try {
            return Files.readString(folders.resolve(Path.of(file))).strip();
        } catch (IOException unreadable) {
            return null;
        }
    }
}
