package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.Place;
import io.monitoringhub.runtime.settings.PlaceReader;
import io.monitoringhub.runtime.settings.Places;
import io.monitoringhub.runtime.settings.ShapeCheck;
import io.monitoringhub.runtime.settings.Values;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.configuration2.BaseHierarchicalConfiguration;
import org.apache.commons.configuration2.FileBasedConfiguration;
import org.apache.commons.configuration2.JSONConfiguration;
import org.apache.commons.configuration2.YAMLConfiguration;

/**
 * Reads {@code hub.yaml} or {@code hub.json}, and the files in {@code conf.d} beside it in the order of their names. Environment before
 * file before defaults.
 *
 * <p>Immutable.
 */
public final class ConfigurationFile {

    /** The folder beside the file. */
    static final String INCLUDES = "conf.d";

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

    /** Where further files are, if there are any. */
    public Path includes() {
        return folders.configuration().resolveSibling(INCLUDES);
    }

    /**
     * All files that are read, in order.
     *
     * @throws IOException when the folder of further files can't be listed
     */
    public List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(included("[!.]*.{yaml,json}"));
        files.add(0, path());
        return files;
    }

    private List<Path> included(String names) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(includes())) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(includes(), names)) {
                found.forEach(files::add);
            }
        }
        files.sort(null);
        return files;
    }

    /** Reads it without knowledge of plugins. */
    HubConfiguration read() throws ConfigurationException {
        return read(PluginTypes.NONE).hub();
    }

    /**
     * Reads and checks everything.
     *
     * @param types what plugins take; instances of others are not checked
     * @throws ConfigurationException that names every problem
     */
    public LoadedConfiguration read(PluginTypes types) throws ConfigurationException {
        List<String> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Places places = new Places();
        SettingsTree tree = files(places, problems, warnings);
        Optional<String> older = OlderLayout.advice(path(), tree);
        if (older.isPresent()) {
            throw new ConfigurationException(path(), List.of(older.get()), places);
        }
        // Nothing where somebody meant "nobody" must not mean "everybody".
        places.emptyLists().stream().filter(key -> key.startsWith(HubShape.SECURITY + ".")).forEach(key -> problems.add(key
                + ": is empty: name what is allowed, or leave the key out"));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(path(), problems, places);
        }
        addDefaults(tree, places);
        new EnvironmentOverrides(environment, new HubShape(types)).applyTo(tree, places, warnings);
        LookUps lookUps = new LookUps(folders, environment, problems);
        SettingsTree resolved = tree.map((key, value) -> {
            if (key.equals(PluginsSection.VERIFY) && Boolean.FALSE.equals(value)) {
                return "off";
            }
            boolean isFromFile = places.of(key).isEmpty() || places.of(key).get().line() > 0;
            if (!isFromFile || !LookUps.isIn(value)) {
                return value;
            }
            places.written(key, value.toString());
            return lookUps.resolve(key, value);
        });
        ShapeCheck check = new ShapeCheck(problems::add, (key, text) -> places.written(key).map(written -> "what " + written + " gives")
                .orElseGet(() -> "'" + Secrets.shown(key, text) + "'"));
        HubConfiguration configuration = new ConfigurationReader(folders, resolved, types, check, problems, warnings).read();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(path(), problems, places);
        }
        return new LoadedConfiguration(configuration, Effective.of(new HubShape(types), resolved, places), types.files(configuration.instances()));
    }

    /** An empty file is a working hub. */
    private void addDefaults(SettingsTree tree, Places places) {
        if (!tree.names().contains(HubShape.TRANSPORTS)) {
            tree.set(List.of(HubShape.TRANSPORTS, "tcp", HubShape.TYPE), "tcp");
            places.put(HubShape.TRANSPORTS, Place.DEFAULT);
        }
        if (!tree.names().contains(HubShape.BACKENDS)) {
            tree.set(List.of(HubShape.BACKENDS, "archive", HubShape.TYPE), "filesystem");
            tree.set(List.of(HubShape.BACKENDS, "archive", "path"), folders.data().resolve("events").toString());
            places.put(HubShape.BACKENDS, Place.DEFAULT);
        }
    }

    private SettingsTree files(Places places, List<String> problems, List<String> warnings) throws ConfigurationException {
        SettingsTree all = SettingsTree.empty();
        try {
            for (Path file : files()) {
                String text = Files.readString(file);
                Places found = new PlaceReader(name(file), problems).read(text);
                if (problems.isEmpty()) {
                    SettingsTree tree = tree(file, text, problems);
                    int rows = Values.asList(all.value(HubShape.ROUTES).orElse(null)).size();
                    all.add(tree, HubShape.ROUTES, key -> problems.add(found.nearest(key).map(Object::toString).orElse(name(file)) + ": " + key
                            + ": is set twice, here and at " + places.nearest(key).map(Object::toString).orElse(name(path()))));
                    places.add(found, HubShape.ROUTES, rows);
                }
            }
            for (Path ignored : included("[!.]*.yml")) {
                warnings.add(name(ignored) + " is ignored: expected a name that ends in .yaml or .json");
            }
        } catch (IOException unreadable) {
            throw new ConfigurationException(path(), List.of("cannot read the file (" + unreadable + "): does it exist, and may the hub's"
                    + " user read it? HUB_CONF names another one"), places);
        }
        return all;
    }

    private static SettingsTree tree(Path path, String text, List<String> problems) throws IOException {
        BaseHierarchicalConfiguration file = path.toString().endsWith(".json") ? new JSONConfiguration() : new YAMLConfiguration();
        try {
            if (!text.isBlank()) {
                ((FileBasedConfiguration) file).read(new StringReader(text));
            }
        } catch (org.apache.commons.configuration2.ex.ConfigurationException malformed) {
            problems.add(path.getFileName() + ": cannot be read: " + malformed.getMessage());
        }
        return SettingsTree.of(file.getNodeModel().getInMemoryRepresentation());
    }

    /** As people call it: from the folder of the configuration. */
    private String name(Path file) {
        return path().getParent().relativize(file).toString();
    }
}
