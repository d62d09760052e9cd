package io.monitoringhub.runtime.config;

import io.monitoringhub.runtime.settings.MetatypeShapes;
import io.monitoringhub.runtime.settings.Shape;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The types of transports and backends that are known at one moment, and what each takes. Immutable.
 *
 * @param shapes by factory PID
 * @param files the names of the jars that have them, by factory PID; not of what was installed otherwise
 */
public record PluginTypes(Map<String, Shape.Group> shapes, Map<String, String> files) {

    /** None is known: nothing is checked but the hub's own keys. */
    public static final PluginTypes NONE = new PluginTypes(Map.of());

    private static final Logger LOG = LoggerFactory.getLogger(PluginTypes.class);

    public PluginTypes {
        shapes = Collections.unmodifiableMap(new TreeMap<>(shapes));
        files = Map.copyOf(files);
    }

    /** Of no jars. */
    PluginTypes(Map<String, Shape.Group> shapes) {
        this(shapes, Map.of());
    }

    /** Those in a folder of jars. One that can't be read says nothing; whoever installs it says why. */
    public static PluginTypes of(Path folder) {
        Map<String, Shape.Group> shapes = new HashMap<>();
        Map<String, String> files = new HashMap<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "[!.]*.jar")) {
            for (Path jar : jars) {
                read(jar).forEach((pid, shape) -> {
                    shapes.put(pid, shape);
                    files.put(pid, jar.getFileName().toString());
                });
            }
        } catch (IOException unreadable) {
            LOG.warn("cannot look for plugins in {}: {}", folder, unreadable.toString());
        }
        return new PluginTypes(shapes, files);
    }

    private static Map<String, Shape.Group> read(Path file) {
        Map<String, Shape.Group> shapes = new HashMap<>();
        try (ZipFile jar = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements();) {
                ZipEntry entry = entries.nextElement();
                if (isMetatype(entry.getName())) {
                    try (InputStream xml = jar.getInputStream(entry)) {
                        shapes.putAll(MetatypeShapes.read(xml));
                    }
                }
            }
        } catch (IOException | SecurityException unreadable) {
            LOG.debug("nothing is known of the settings of {}: {}", file, unreadable.toString());
        }
        return shapes;
    }

    /** These, and before them those of bundles that run. */
    public PluginTypes with(Iterable<Bundle> bundles) {
        Map<String, Shape.Group> all = new HashMap<>(shapes);
        for (Bundle bundle : bundles) {
            Enumeration<String> paths = bundle.getEntryPaths(MetatypeShapes.FOLDER);
            for (String path : paths == null ? List.<String>of() : Collections.list(paths)) {
                if (isMetatype(path)) {
                    try (InputStream xml = bundle.getEntry(path).openStream()) {
                        all.putAll(MetatypeShapes.read(xml));
                    } catch (IOException unreadable) {
                        LOG.warn("nothing is known of the settings of {}: {}", bundle, unreadable.toString());
                    }
                }
            }
        }
        return new PluginTypes(all, files);
    }

    private static boolean isMetatype(String path) {
        return path.startsWith(MetatypeShapes.FOLDER + "/") && path.endsWith(".xml");
    }

    /** What this type takes; empty where it is not there. */
    Optional<Shape.Group> of(Kind kind, String type) {
        return Optional.ofNullable(shapes.get("hub." + kind.word() + "." + type));
    }

    /** The names of the jars that have the types of these. */
    Set<String> files(Collection<InstanceConfiguration> instances) {
        return instances.stream().map(instance -> files.get(instance.id().factoryPid())).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** What this instance takes; empty where its type is not there. */
    public Optional<Shape.Group> of(ComponentId id) {
        return of(id.kind(), id.type());
    }

    /** The known types of a kind. */
    List<String> types(Kind kind) {
        String prefix = "hub." + kind.word() + ".";
        return shapes.keySet().stream().filter(pid -> pid.startsWith(prefix)).map(pid -> pid.substring(prefix.length())).toList();
    }
}
