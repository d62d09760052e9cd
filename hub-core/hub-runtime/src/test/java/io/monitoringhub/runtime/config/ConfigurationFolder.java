package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.monitoringhub.runtime.settings.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configuration files in a temporary folder, read with what some plugins take. */
final class ConfigurationFolder {

    /** One transport and one backend. */
    static final PluginTypes TYPES = new PluginTypes(Map.of(
            "hub.transport.tcp", new Shape.Group(Map.of("port", field(Shape.Kind.INTEGER, "0", "65535", "17000"),
                    "tls.key", field(Shape.Kind.TEXT, null, null, "")), false),
            "hub.backend.filesystem", new Shape.Group(Map.of("path", field(Shape.Kind.TEXT, null, null, "data/events"),
                    "gzip", field(Shape.Kind.FLAG, null, null, "false"), "flush_ms", field(Shape.Kind.INTEGER, "1", "60000", "250"),
                    "pin", new Shape.Field("A code.", Shape.Leaf.of(Shape.Kind.TEXT), Optional.empty(), false, true, false)), false)));

    private final Path folder;
    private final Map<String, String> environment;

    ConfigurationFolder(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.environment = environment;
    }

    private static Shape.Field field(Shape.Kind kind, String least, String most, String standard) {
        return new Shape.Field("Something.", new Shape.Leaf(kind, List.of(), Optional.ofNullable(least), Optional.ofNullable(most), false),
                Optional.of(standard), false, false, false);
    }

    ConfigurationFolder write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    LoadedConfiguration read() throws ConfigurationException {
        return file("hub.yaml").read(TYPES);
    }

    LoadedConfiguration read(String name) throws ConfigurationException {
        return file(name).read(TYPES);
    }

    ConfigurationFile file(String name) {
        return new ConfigurationFile(new HubFolders(folder.resolve("home"), folder.resolve("data"), folder.resolve(name)), environment);
    }

    /** What is wrong, with places. */
    List<String> problems() {
        return catchThrowableOfType(ConfigurationException.class, this::read).lines();
    }
}
