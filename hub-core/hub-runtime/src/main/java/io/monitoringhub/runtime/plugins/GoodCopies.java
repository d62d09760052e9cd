package io.monitoringhub.runtime.plugins;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The last jar that worked under each file name; it outlives the process.
 *
 * <p>Used by one thread at a time.
 */
final class GoodCopies {

    private final Path folder;

    GoodCopies(Path folder) {
        this.folder = folder;
    }

    /** Takes over the staged file. */
    void keep(String file, PluginJar jar) throws IOException {
        Files.createDirectories(folder);
        Files.move(jar.path(), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Optional<Path> find(String file) {
        Path copy = folder.resolve(file);
        return Files.exists(copy) ? Optional.of(copy) : Optional.empty();
    }

    /** Where it is, or would be. */
    Path path(String file) {
        return folder.resolve(file);
    }

    /** Whether there is a copy, and it is not this jar. */
    boolean hasOther(String file, PluginJar jar) throws IOException {
        return Files.exists(path(file)) && Files.mismatch(path(file), jar.path()) >= 0;
    }

    void forget(String file) throws IOException {
        Files.deleteIfExists(folder.resolve(file));
    }

    /** A plugin that was removed while the hub was down must not come back through a bad jar of the same name. */
    void forgetAllBut(Path plugins) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(folder)) {
            for (Path copy : copies) {
                if (!Files.exists(plugins.resolve(copy.getFileName()))) {
                    Files.delete(copy);
                }
            }
        }
    }
}
