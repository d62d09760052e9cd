package io.monitoringhub.spi.transport;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import io.monitoringhub.spi.codec.Codec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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

    /**
     * Begins to take messages that get one answer.
     *
     * @throws SubmissionRefusedException when this peer may not submit, or not now
     */
    Submission submit(SubmissionRequest request) throws SubmissionRefusedException;

    /**
     * Listens, on the socket that an earlier instance of this name left if it was for the same address.
     *
     * @param receiver takes the connections
     * @throws IOException when the address can't be used now; the message says what to do
     */
    Listener listen(ListenAddress address, ConnectionReceiver receiver) throws IOException;

    /** The codec of this name, if a plugin that has it is installed now. Not to be kept: codecs come and go. */
    Optional<Codec> codec(String name);

    /** Makes a path from configuration absolute: a relative one starts at the hub's data folder. */
    Path resolve(String path);
}
