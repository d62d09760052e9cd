package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls back when the configuration file has another content. Editors replace files, mounts swap links, network file systems tell nobody:
 * so the folder is watched, and the file is looked at every few seconds besides.
 *
 * <p>One thread, {@code hub-configuration}; it ends with {@link #close}.
 */
final class ConfigurationWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWatch.class);
    private static final long LOOK_EACH_MILLIS = 2_000;
    /** A file that somebody is still writing is not read yet. */
    private static final long QUIET_MILLIS = 100;

    private final Path file;
    private final Runnable changed;
    private final WatchService watch;
    private final Thread thread = new Thread(this::run, "hub-configuration");
    private byte[] known;

    ConfigurationWatch(Path file, Runnable changed) throws IOException {
        this.file = file;
        this.changed = changed;
        this.known = contents();
        this.watch = FileSystems.getDefault().newWatchService();
        file.toAbsolutePath().getParent().register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
    }

    void start() {
        thread.start();
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

    private void look() {
        byte[] now = contents();
        if (now.length > 0 && !Arrays.equals(now, known)) {
            known = now;
            changed.run();
        }
    }

    /** Empty while the file is not there, as between the two steps of a replacement. */
    private byte[] contents() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException notThere) {
            return new byte[0];
        }
    }
}
