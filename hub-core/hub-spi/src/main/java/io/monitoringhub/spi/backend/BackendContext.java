package io.monitoringhub.spi.backend;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import java.nio.file.Path;
import java.time.Clock;
import org.osgi.annotation.versioning.ProviderType;

/** What the hub knows about one backend instance. Thread-safe. */
@ProviderType
public interface BackendContext {

    /** Who this instance is. */
    ComponentId id();

    /** The identity of the log that offsets refer to. */
    String logId();

    /** The lane's committed position: the offset of the first entry that is not known to be delivered. */
    long committed();

    /** What {@link Commit#state()} held at that position; empty for a lane that never committed. The array is the caller's. */
    byte[] state();

    /** Where to say how the instance is. */
    HealthReporter health();

    /** The clock to use instead of the system's. */
    Clock clock();

    /** Makes a path from configuration absolute: a relative one starts at the hub's data folder. */
    Path resolve(String path);
}
