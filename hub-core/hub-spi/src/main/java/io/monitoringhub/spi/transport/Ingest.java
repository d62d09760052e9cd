package io.monitoringhub.spi.transport;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** The hub's side of a transport. Thread-safe. */
@ProviderType
public interface Ingest {

    /** Who this transport instance is. */
    ComponentId id();

    /** Where to say how the instance is. */
    HealthReporter health();

    /**
     * Begins to take messages from one peer.
     *
     * @param peer who it is
     * @param replies the way back to it
     */
    Session open(Peer peer, Replies replies);

    /** Makes a path from configuration absolute: a relative one starts at the hub's data folder. */
    Path resolve(String path);
}
