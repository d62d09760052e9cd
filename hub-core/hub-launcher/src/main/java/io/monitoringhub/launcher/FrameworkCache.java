package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The framework's cache. It holds nothing that is not elsewhere, so each start gets an empty one, and never depends on what a crash left
 * in it. Felix can empty it by itself, but the start would wait for that.
 *
 * <p>Used by one thread at a time.
 */
final class FrameworkCache {

    private static final String OLD = "cache.old-";

    private final Path run;

    FrameworkCache(Path run) {
        this.run = run;
    }

    static Path of(Path run) {
        return run.resolve("cache");
    }

    /** Sets the last cache aside; a thread of low priority deletes it. */
    void renew() throws IOException {
        Path cache = of(run);
        if (Files.exists(cache)) {
            // not a temporary folder of Java's, which begins with its random numbers
            Files.move(cache, Files.createDirectory(run.resolve(OLD + Long.toHexString(System.nanoTime()))).resolve("cache"));
        }
        List<Path> old = setAside();
        if (!old.isEmpty()) {
            Thread cleaner = new Thread(() -> delete(old), "hub-cache-cleaner");
            cleaner.setDaemon(true);
            cleaner.setPriority(Thread.MIN_PRIORITY);
            cleaner.start();
        }
    }

    /** Also those that an earlier process had no time to delete. */
    private List<Path> setAside() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(run, OLD + "*")) {
            folders.forEach(found::add);
        }
        return found;
    }

    private static void delete(List<Path> folders) {
        for (Path folder : folders) {
            try {
                Files.walkFileTree(folder, new Deletion());
            } catch (IOException e) {
                LoggerFactory.getLogger(FrameworkCache.class).warn("cannot delete {} ({}): the next start tries again", folder, Causes.describe(e));
            }
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
