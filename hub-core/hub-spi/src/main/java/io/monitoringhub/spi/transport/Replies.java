package io.monitoringhub.spi.transport;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The way back from the hub to one peer. Called from any thread, also within {@link Session#receive}; must not block.
 */
@ConsumerType
public interface Replies {

    /** Sends bytes to the peer, in the order of calls. The buffer is the callee's. Ignored when the peer has gone. */
    void send(ByteBuffer bytes);

    /** Asks for bytes again, after {@link Session#receive} returned {@code false}. */
    void resume();

    /**
     * Asks the transport to end the connection once all that was sent has left. The transport then calls {@link Session#end}.
     *
     * @param reason for the log, one line
     */
    void close(String reason);
}
