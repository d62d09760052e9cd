package io.monitoringhub.checks;

import io.monitoringhub.runtime.config.HubYaml;
import io.monitoringhub.runtime.settings.MetatypeShapes;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * docs/configuration-reference.md, made of what {@code hub schema} is made of: the records of the hub's own keys, and the Metatype of
 * every shipped plugin.
 *
 * <p>Immutable.
 */
final class ConfigurationReference {

    private static final String HEAD = """
            # Configuration reference

            <!-- Written by ConfigurationReferenceTest, from the same source as 'hub schema'. Do not edit. -->

            Every key of `hub.yaml` and of every shipped plugin, as the hub checks it. How they work together is told in
            [configuration.md](configuration.md). `bin/hub schema` prints the same as a JSON Schema, for the plugins that are in `plugins/`.

            | type | is written |
            |---|---|
            | size | a number and nothing, or one of %s (powers of 1,024) |
            | duration | a number and one of %s |
            | percent | `0%%` to `100%%` |
            | list | `[a, b]`; one alone without brackets |

            A key with a dot can be written as a section: `tls.key: x` is `tls: { key: x }`. A secret is shown to nobody. A number's unit is not written.

            """.formatted(KeyTable.SIZE, KeyTable.DURATION);

    /** Where a section of the file is told of. */
    private static final Map<String, String> TOLD_IN = Map.of(
            "transports", "What the hub itself takes below each transport. The keys of each type follow below.",
            "backends", "What the hub itself takes below each backend. The keys of each type follow below. More: "
                    + "[delivery](configuration.md#delivery-retries-and-limits-of-one-backend).",
            "routes", "A list of rules. What `where` and `to` can be: [routes](configuration.md#routes).",
            "security", "More: [security.md](security.md#tokens). The token file has the same keys as `tokens.<name>`.",
            "failover", "More: [delivery.md](delivery.md#failover-groups).",
            "log", "More: [log-format.md](log-format.md).");

    private final Reactor reactor;

    ConfigurationReference(Reactor reactor) {
        this.reactor = reactor;
    }

    String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        Map<String, Shape.Field> plain = new LinkedHashMap<>();
        HubYaml.top().fields().forEach((name, field) -> {
            if (field.shape() instanceof Shape.Leaf) {
                plain.put(name, field);
            }
        });
        section(text, "At the top", "", KeyTable.of("", new Shape.Group(plain, false)));
        HubYaml.top().fields().forEach((name, field) -> table(name, field).ifPresentOrElse(
                table -> section(text, name, field.says() + " " + TOLD_IN.getOrDefault(name, ""), table), () -> { }));
        plugins().forEach((pid, shape) -> plugin(text, pid, shape));
        return text.toString().stripTrailing() + "\n";
    }

    private static Optional<KeyTable> table(String name, Shape.Field field) {
        if (field.shape() instanceof Shape.Named) {
            return Optional.of(KeyTable.of(name + ".<name>.", HubYaml.own(name.equals("transports") ? Kind.TRANSPORT : Kind.BACKEND)));
        }
        if (field.shape() instanceof Shape.Rows rows) {
            return Optional.of(KeyTable.of("", rows.each()));
        }
        return field.shape() instanceof Shape.Group group ? Optional.of(KeyTable.of(name + ".", group)) : Optional.empty();
    }

    private static void section(StringBuilder text, String title, String intro, KeyTable table) {
        text.append("## ").append(title).append("\n\n").append(intro.isBlank() ? "" : intro.strip() + "\n\n").append(table.markdown());
    }

    private void plugin(StringBuilder text, String pid, Shape.Group shape) {
        String[] parts = pid.split("\\.");
        String folder = parts[1] + "-" + parts[2];
        section(text, parts[1] + "s: type " + parts[2], "[plugins/" + folder + "](../plugins/" + folder + "/README.md)", KeyTable.of("", shape));
    }

    /** What each plugin that is shipped says, by its factory PID: transports first, as in the file. */
    Map<String, Shape.Group> plugins() {
        Map<String, Shape.Group> shapes = new TreeMap<>(Comparator.comparing((String pid) -> pid.startsWith("hub.backend"))
                .thenComparing(pid -> pid));
        List<String> shipped = Xml.all(Xml.read(reactor.root().resolve("distribution/pom.xml")), "dependency").stream()
                .filter(each -> Xml.text(each, "scope").isEmpty()).map(each -> Xml.text(each, "artifactId").orElseThrow()).toList();
        for (Reactor.Module plugin : reactor.plugins()) {
            if (shipped.contains(plugin.artifactId())) {
                shapes.putAll(metatype(plugin));
            }
        }
        return shapes;
    }

    private Map<String, Shape.Group> metatype(Reactor.Module plugin) {
        Map<String, Shape.Group> shapes = new TreeMap<>();
        try (JarFile jar = new JarFile(Bundle.of(plugin, reactor.version()).jar().toFile())) {
            for (JarEntry entry : jar.stream().filter(each -> each.getName().matches(MetatypeShapes.FOLDER + "/.*\\.xml")).toList()) {
                try (InputStream xml = jar.getInputStream(entry)) {
                    shapes.putAll(MetatypeShapes.read(xml));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the Metatype of " + plugin, e);
        }
        return shapes;
    }
}
