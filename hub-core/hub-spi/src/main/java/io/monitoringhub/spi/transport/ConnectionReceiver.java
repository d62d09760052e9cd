package io.monitoringhub.spi.transport;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes the connections of a {@link Listener}. Called by one thread at a time, on the hub's thread; must not block. */
@ConsumerType
public interface ConnectionReceiver {

    /** A client has connected. The channel is blocking, and the callee's from now on, to be closed by it in any case. */
    void connected(SocketChannel channel);

    /** A connection could not be accepted, as when no file descriptors are left. The hub tries again after a second. */
    void acceptFailed(IOException cause);
}
