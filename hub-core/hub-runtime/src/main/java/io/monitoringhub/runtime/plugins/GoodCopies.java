package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Version;

/**
 * The last jar that worked under each file name; it outlives the process. Beside it stands of which file it is the copy: while neither has
 * been touched, a start need not read the jar again to know what is in it.
 *
 * <p>Used by one thread at a time.
 */
final class GoodCopies {

    private static final String ORIGIN = ".origin";

    private final Path folder;

    GoodCopies(Path folder) {
        this.folder = folder;
    }

    /** Takes over the staged file, unless its content is here already. */
    void keep(String file, PluginJar jar) throws IOException {
        if (!jar.isKnown()) {
            Files.createDirectories(folder);
            Files.deleteIfExists(origin(file));
            Files.move(jar.path(), path(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Notes of which file a copy was made.
     *
     * @param original as it was before it was read
     */
    void note(String file, PluginJar jar, FileStamp original) throws IOException {
        Optional<FileStamp> copy = FileStamp.of(path(file));
        if (copy.isPresent()) {
            Files.write(origin(file), List.of(original.text(), copy.get().text(), jar.sha256(), jar.symbolicName(), jar.version().toString()));
        }
    }

    /** What is in this file, if a copy of it is here and neither has been touched since. */
    Optional<PluginJar> untouched(Path original) throws IOException {
        String file = original.getFileName().toString();
        Path copy = path(file);
        if (!Files.exists(origin(file)) || !Files.exists(copy)) {
            return Optional.empty();
        }
        List<String> noted = Files.readAllLines(origin(file));
        boolean isSame = noted.size() == 5 && isSame(original, noted.get(0)) && isSame(copy, noted.get(1));
        return isSame ? Optional.of(new PluginJar(copy, noted.get(2), noted.get(3), Version.parseVersion(noted.get(4)), true)) : Optional.empty();
    }

    private static boolean isSame(Path file, String noted) throws IOException {
        return FileStamp.of(file).filter(now -> now.isSame(noted)).isPresent();
    }

    Optional<Path> find(String file) {
        Path copy = path(file);
        return Files.exists(copy) ? Optional.of(copy) : Optional.empty();
    }

    /** Where it is, or would be. */
    Path path(String file) {
        return folder.resolve(file);
    }

    private Path origin(String file) {
        return folder.resolve(file + ORIGIN);
    }

    void forget(String file) throws IOException {
        Files.deleteIfExists(origin(file));
        Files.deleteIfExists(path(file));
    }

    /** A plugin that was removed while the hub was down must not come back through a bad jar of the same name. */
    void forgetAllBut(Path plugins) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(folder, copy -> !copy.toString().endsWith(ORIGIN))) {
            for (Path copy : copies) {
                if (!Files.exists(plugins.resolve(copy.getFileName()))) {
                    forget(copy.getFileName().toString());
                }
            }
        }
    }
}
