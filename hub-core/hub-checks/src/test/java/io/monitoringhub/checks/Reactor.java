package io.monitoringhub.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.w3c.dom.Element;

/**
 * The project as it lies on the disk: the modules that the root pom names, and all files that are sources.
 *
 * <p>Immutable.
 */
final class Reactor {

    /** What builds and tools leave behind, at any depth. */
    private static final Set<String> NO_SOURCES = Set.of(".git", ".idea", ".settings", ".vscode", "target", "node_modules", "__pycache__", "blib");

    /** Folders below plugins/ that are no plugins: what several of them embed. */
    private static final Set<String> PLUGIN_LIBRARIES = Set.of("plugins/stream-support");

    private final Path root;
    private final String version;
    private final List<Module> modules;

    private Reactor(Path root) {
        Element pom = Xml.read(root.resolve("pom.xml"));
        this.root = root;
        version = Xml.text(pom, "version").orElseThrow();
        modules = Xml.all(pom, "module").stream().map(module -> Module.read(root, module.getTextContent().strip())).toList();
    }

    /** The project that this test runs in: Maven says where, an IDE starts somewhere below it. */
    static Reactor current() {
        String given = System.getProperty("hub.root");
        if (given != null) {
            return new Reactor(Path.of(given).toAbsolutePath().normalize());
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("hub-core")) && Files.exists(folder.resolve("pom.xml"))) {
                return new Reactor(folder);
            }
        }
        throw new IllegalStateException("no Monitoring Hub around " + Path.of("").toAbsolutePath() + ": name its folder with -Dhub.root");
    }

    Path root() {
        return root;
    }

    String version() {
        return version;
    }

    List<Module> modules() {
        return modules;
    }

    /** The modules that make a jar of Java code. */
    List<Module> javaModules() {
        return modules.stream().filter(Module::hasMainCode).toList();
    }

    List<Module> plugins() {
        return modules.stream().filter(Module::isPlugin).toList();
    }

    /** A file's name as people write it: from the root, with slashes. */
    String name(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    /** All sources whose name from the root passes, sorted. */
    List<Path> files(Predicate<String> wanted) {
        return files(root, wanted);
    }

    private List<Path> files(Path folder, Predicate<String> wanted) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return NO_SOURCES.contains(directory.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (wanted.test(name(file))) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
        Collections.sort(found);
        return found;
    }

    /** Java sources of all modules, without tests. */
    List<Path> mainSources() {
        List<Path> found = new ArrayList<>();
        javaModules().forEach(module -> found.addAll(files(module.mainFolder(), name -> name.endsWith(".java"))));
        return found;
    }

    static String read(Path file) {
        try {
            // Not readString: a test's source may hold bytes that are no UTF-8 on purpose.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * One module.
     *
     * @param name its folder as the root pom names it: {@code plugins/backend-s3}
     * @param folder where that is
     * @param artifactId what it is called in Maven
     */
    record Module(String name, Path folder, String artifactId) {

        private static Module read(Path root, String name) {
            Path folder = root.resolve(name);
            return new Module(name, folder, Xml.text(Xml.read(folder.resolve("pom.xml")), "artifactId").orElseThrow());
        }

        boolean isPlugin() {
            return name.startsWith("plugins/") && !isPluginLibrary();
        }

        /** Code that plugins embed, each for itself. */
        boolean isPluginLibrary() {
            return PLUGIN_LIBRARIES.contains(name);
        }

        boolean hasMainCode() {
            return Files.isDirectory(mainFolder());
        }

        Path mainFolder() {
            return folder.resolve("src/main/java");
        }

        Path classes() {
            return folder.resolve("target/classes");
        }

        Path jar(String version) {
            return folder.resolve("target").resolve(artifactId + "-" + version + ".jar");
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
