package io.monitoringhub.spi.transport;

import java.net.SocketAddress;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A transport's hold on a listening socket that belongs to the hub. The socket outlives the hold: who connects while one instance has gone
 * and the next has not come yet waits in the socket's queue and is not turned away. Thread-safe.
 */
@ProviderType
public interface Listener extends AutoCloseable {

    /** Where it listens. For port 0 the port that was taken. */
    SocketAddress address();

    /**
     * Hands over who has connected already, then nobody any more. The hub keeps the socket for the instance's successor for a while.
     * Idempotent; returns after the last call of {@link ConnectionReceiver#connected}.
     */
    @Override
    void close();
}
