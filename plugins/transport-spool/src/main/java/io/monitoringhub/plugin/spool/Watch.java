package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for something to happen in a folder, at most so long: not all file systems tell, and not all limits allow to be told. Used by one
 * thread.
 */
final class Watch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Optional<WatchService> service;
    private final Map<Path, WatchKey> keys = new HashMap<>();

    Watch() {
        Optional<WatchService> made = Optional.empty();
        try {
            made = Optional.of(FileSystems.getDefault().newWatchService());
        } catch (IOException noneLeft) {
            LOG.info("the system does not tell of new files ({}): they are noticed at the next look", noneLeft.getMessage());
        }
        service = made;
    }

    /** Watches these folders and no others. */
    void over(Collection<Path> folders) {
        keys.entrySet().removeIf(watched -> {
            boolean isGone = !folders.contains(watched.getKey()) || !watched.getValue().isValid();
            if (isGone) {
                watched.getValue().cancel();
            }
            return isGone;
        });
        service.ifPresent(watching -> folders.stream().filter(folder -> !keys.containsKey(folder)).forEach(folder -> {
            try {
                keys.put(folder, folder.register(watching, StandardWatchEventKinds.ENTRY_CREATE));
            } catch (IOException limit) {
                LOG.debug("{} is not watched, only looked at: {}", folder, limit.toString());
            }
        }));
    }

    /** Waits until something came in, or for so long. */
    void await(Duration atMost) throws InterruptedException {
        if (service.isEmpty()) {
            new CountDownLatch(1).await(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        WatchKey key = service.get().poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
        while (key != null) {
            key.pollEvents();
            key.reset();
            key = service.get().poll();
        }
    }

    @Override
    public void close() {
        service.ifPresent(watching -> {
            try {
                watching.close();
            } catch (IOException cannot) {
                LOG.warn("cannot stop watching folders: {}", cannot.toString());
            }
        });
    }
}
