package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last jar that worked under each file name; it outlives the process. Beside it stands of which file it is the copy: while neither has
 * been touched, a start need not read the jar again to know what is in it.
 *
 * <p>Used by one thread at a time.
 */
final class GoodCopies {

    private static final Logger LOG = LoggerFactory.getLogger(GoodCopies.class);
    private static final String ORIGIN = ".origin";
    /** The last line of a note that was written to its end. */
    private static final String END = "end";

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
     * Notes of which file a copy was made. Without the note the next start reads the file once more, so none is worth a refusal.
     *
     * @param original as it was before it was read
     */
    void note(String file, PluginJar jar, FileStamp original) {
        Optional<FileStamp> copy = FileStamp.of(path(file));
        if (copy.isEmpty()) {
            return;
        }
        try {
            Files.write(origin(file), List.of(original.text(), copy.get().text(), jar.sha256(), jar.symbolicName(), jar.version().toString(), END));
        } catch (IOException e) {
            LOG.warn("plugin {}: cannot note where its copy in run/good comes from, the next start looks at it again ({})", file, e.toString());
        }
    }

    /** What is in a file that looks like this, if a copy of it is here and neither has been touched since. */
    Optional<PluginJar> untouched(String file, FileStamp original) {
        List<String> noted = noted(file);
        boolean isSame = noted.size() == 6 && noted.get(5).equals(END) && noted.get(0).equals(original.text())
                && FileStamp.of(path(file)).filter(copy -> noted.get(1).equals(copy.text())).isPresent();
        return isSame ? Optional.of(new PluginJar(path(file), noted.get(2), noted.get(3), Version.parseVersion(noted.get(4)), true)) : Optional.empty();
    }

    private List<String> noted(String file) {
        try {
            return Files.exists(origin(file)) ? Files.readAllLines(origin(file)) : List.of();
        } catch (IOException damaged) {
            LOG.warn("plugin {}: the note where its copy in run/good comes from can't be read, its file is looked at again ({})", file, damaged.toString());
            return List.of();
        }
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
