package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folders that the configured paths stand for at this moment. Used by one thread. */
final class Folders implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Folders.class);
    private static final String WILD = "*?[{";

    private final List<String> paths;
    private final Function<String, Path> resolve;
    private final Map<Path, SpoolFolder> open = new TreeMap<>();

    /** @param resolve makes a path absolute */
    Folders(List<String> paths, Function<String, Path> resolve) {
        this.paths = paths;
        this.resolve = resolve;
    }

    static boolean isPattern(String text) {
        return text.chars().anyMatch(c -> WILD.indexOf(c) >= 0);
    }

    /** Looks which folders there are; one that is named without a pattern is made. */
    Collection<SpoolFolder> current(Problems problems) {
        open.values().removeIf(folder -> !folder.isThere() && close(folder));
        for (String path : paths) {
            try {
                for (Path folder : matching(path)) {
                    open(folder, problems);
                }
            } catch (IOException cannot) {
                problems.add("cannot look for " + path + ": " + cannot);
            }
        }
        return List.copyOf(open.values());
    }

    private List<Path> matching(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        String last = path.substring(slash + 1);
        if (!isPattern(last)) {
            Path folder = resolve.apply(path).normalize();
            Files.createDirectories(folder);
            return List.of(folder);
        }
        Path parent = resolve.apply(slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash)).normalize();
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(parent)) {
            // Not links: in a shared folder anybody can make one.
            try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, last)) {
                found.forEach(each -> {
                    if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
                        folders.add(each);
                    }
                });
            }
        }
        return folders;
    }

    private void open(Path path, Problems problems) {
        if (open.containsKey(path)) {
            return;
        }
        try {
            open.put(path, SpoolFolder.open(path));
        } catch (IOException cannot) {
            problems.add(cannot.getMessage());
        }
    }

    private static boolean close(SpoolFolder folder) {
        try {
            folder.close();
        } catch (IOException cannot) {
            LOG.warn("cannot let go of {}: {}", folder.path(), cannot.toString());
        }
        return true;
    }

    @Override
    public void close() {
        open.values().removeIf(Folders::close);
    }
}
