package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls back when the configuration has another content. Editors replace files, mounts swap links, network file systems tell nobody:
 * so the folders are watched, and the files are looked at every few seconds besides.
 *
 * <p>One thread, {@code hub-configuration}; it ends with {@link #close}.
 */
final class ConfigurationWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWatch.class);
    private static final long LOOK_EACH_MILLIS = 2_000;
    /** A file that somebody is still writing is not read yet. */
    private static final long QUIET_MILLIS = 100;

    private final Path file;
    private final Path includes;
    private final Supplier<List<String>> state;
    private final Runnable changed;
    private final WatchService watch;
    private final Thread thread = new Thread(this::run, "hub-configuration");
    private volatile List<String> known;
    /** Of the folder of further files, while there is one. */
    private WatchKey included;

    /**
     * @param state equal as long as nothing has changed; empty while a file is being replaced
     * @param changed called by the watch's own thread
     */
    ConfigurationWatch(Path file, Path includes, Supplier<List<String>> state, Runnable changed) throws IOException {
        this.file = file;
        this.includes = includes;
        this.state = state;
        this.changed = changed;
        this.known = state.get();
        this.watch = FileSystems.getDefault().newWatchService();
        register(file.toAbsolutePath().getParent());
    }

    private WatchKey register(Path folder) throws IOException {
        return folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
    }

    void start() {
        thread.start();
    }

    /** What there is now is about to be read: it is no news any more. */
    void seen() {
        known = state.get();
    }

    @Override
    public void close() {
        try {
            watch.close();
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (IOException failure) {
            LOG.debug("cannot end the watch of {}", file, failure);
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                watchIncludes();
                WatchKey key = watch.poll(LOOK_EACH_MILLIS, TimeUnit.MILLISECONDS);
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = watch.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
                }
                look();
            }
        } catch (ClosedWatchServiceException | InterruptedException ended) {
            LOG.debug("the watch of {} ends", file);
        }
    }

    /** The folder may come, go, and be another one. */
    private void watchIncludes() {
        try {
            if ((included == null || !included.isValid()) && Files.isDirectory(includes)) {
                included = register(includes);
            }
        } catch (IOException failure) {
            LOG.debug("cannot watch {}; it is looked at every {} ms", includes, LOOK_EACH_MILLIS, failure);
        }
    }

    private void look() {
        List<String> now = state.get();
        if (!now.isEmpty() && !now.equals(known)) {
            changed.run();
        }
    }
}
