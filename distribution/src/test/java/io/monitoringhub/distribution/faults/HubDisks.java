package io.monitoringhub.distribution.faults;

import io.monitoringhub.benchmarks.hub.FillableDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * File systems of their own for a hub's log and for one of its backends: ext4 in image files. They take as much room as is written to them.
 *
 * <p>Used by one thread at a time.
 */
final class HubDisks {

    /** Where they are below the data folder. */
    static final String LOG = "disk-log";
    static final String BACKEND = "disk-backend";

    private static final long BYTES = 4L << 30;
    private static final long PROBE_BYTES = 16 << 20;

    private final FillableDisk log;
    private final FillableDisk backend;

    private HubDisks(FillableDisk log, FillableDisk backend) {
        this.log = log;
        this.backend = backend;
    }

    /** Why there can be none here; empty if there can. */
    static Optional<String> obstacle(Path folder) throws InterruptedException {
        try (FillableDisk probe = FillableDisk.mount(folder.resolve("probe.img"), folder.resolve("probe"), PROBE_BYTES)) {
            probe.freeze().close();
            return Optional.empty();
        } catch (IOException notAllowed) {
            return Optional.of(notAllowed.getMessage());
        }
    }

    /** Mounts both below a data folder; the images lie beside it. */
    static HubDisks mount(Path data) throws IOException, InterruptedException {
        FillableDisk log = mount(data, LOG);
        try {
            return new HubDisks(log, mount(data, BACKEND));
        } catch (IOException failure) {
            log.close();
            throw failure;
        }
    }

    private static FillableDisk mount(Path data, String name) throws IOException, InterruptedException {
        return FillableDisk.mount(data.resolveSibling(data.getFileName() + "-" + name + ".img"), data.resolve(name), BYTES);
    }

    FillableDisk log() {
        return log;
    }

    FillableDisk backend() {
        return backend;
    }

    /** Unmounts and deletes. */
    void delete() throws IOException, InterruptedException {
        try (log) {
            backend.close();
        }
    }

    /** Unmounts, and keeps what is in them for whoever wants to look at it. */
    void keep() throws IOException, InterruptedException {
        log.unmount();
        backend.unmount();
    }
}
