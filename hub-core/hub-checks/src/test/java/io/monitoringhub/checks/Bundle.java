package io.monitoringhub.checks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.w3c.dom.Element;

/**
 * What a built jar says of itself: manifest, component descriptions, Metatype.
 *
 * <p>Immutable.
 */
final class Bundle {

    private final Path jar;
    private final Manifest manifest;
    private final Map<String, Element> descriptions = new LinkedHashMap<>();

    private Bundle(Path jar, JarFile file) throws IOException {
        this.jar = jar;
        manifest = file.getManifest();
        for (JarEntry entry : file.stream().filter(each -> each.getName().matches("OSGI-INF/.*\\.xml")).toList()) {
            try (InputStream in = file.getInputStream(entry)) {
                descriptions.put(entry.getName(), Xml.read(in));
            }
        }
    }

    static Bundle of(Reactor.Module module, String version) {
        Path jar = module.jar(version);
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: build it with 'mvn package -DskipTests'");
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            return new Bundle(jar, file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + jar, e);
        }
    }

    Path jar() {
        return jar;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(manifest.getMainAttributes().getValue(name));
    }

    /** A header's clauses, such as packages, by name, with what follows the name. */
    Map<String, String> clauses(String name) {
        Map<String, String> clauses = new LinkedHashMap<>();
        for (String clause : split(header(name).orElse(""))) {
            String[] parts = clause.split(";", 2);
            clauses.put(parts[0].strip(), parts.length == 2 ? parts[1].strip() : "");
        }
        return clauses;
    }

    /** Splits at commas, but not inside quotes. */
    private static List<String> split(String header) {
        List<String> clauses = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= header.length(); i++) {
            if (i == header.length() || header.charAt(i) == ',' && !quoted) {
                clauses.add(header.substring(start, i).strip());
                start = i + 1;
            } else if (header.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        clauses.removeIf(String::isEmpty);
        return clauses;
    }

    /** The descriptions of components that Declarative Services reads. */
    List<Element> components() {
        return clauses("Service-Component").keySet().stream().map(descriptions::get).toList();
    }

    List<Element> metatypes() {
        return descriptions.entrySet().stream().filter(each -> each.getKey().startsWith("OSGI-INF/metatype/")).map(Map.Entry::getValue).toList();
    }

    /** All configuration keys, as Metatype calls them. */
    List<Attribute> attributes() {
        return metatypes().stream().flatMap(type -> Xml.all(type, "AD").stream()).map(Attribute::new).toList();
    }

    /**
     * A configuration key.
     *
     * @param element its description
     */
    record Attribute(Element element) {

        /** The key as people write it in hub.yaml: without the dot that keeps a secret out of the service's properties. */
        String key() {
            return element.getAttribute("id").replaceFirst("^\\.", "");
        }

        /** Whether the component gets it and nobody else. */
        boolean isSecret() {
            return element.getAttribute("id").startsWith(".");
        }

        String type() {
            return element.getAttribute("type");
        }

        String description() {
            return element.getAttribute("description");
        }

        /** What a person has to know of the values that are allowed: the range, or each option. */
        List<String> words() {
            if (element.hasAttribute("min") && element.hasAttribute("max")) {
                return List.of(element.getAttribute("min") + " to " + element.getAttribute("max"));
            }
            return Xml.all(element, "Option").stream().map(option -> "`" + option.getAttribute("value") + "`").toList();
        }

        /** Metatype's own default for "required" is true. */
        boolean isRequired() {
            return !element.getAttribute("required").equals("false");
        }

        Optional<String> standard() {
            return element.hasAttribute("default") ? Optional.of(element.getAttribute("default")) : Optional.empty();
        }

        /** A key that everybody must set has no default, one that may be left out without one says so, all others have one. */
        boolean hasFittingDefault() {
            return standard().map(each -> !each.isBlank() || !isRequired()).orElse(isRequired());
        }

        @Override
        public String toString() {
            return key();
        }
    }
}
