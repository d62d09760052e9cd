package io.monitoringhub.spi.transport;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/** The hub's end of one connection. Used by one thread at a time: the transport's. Never blocks. */
@ProviderType
public interface Session {

    /**
     * Takes all bytes from position to limit. A buffer with an accessible array and more than a few KiB at a time are cheapest. The
     * buffer is the caller's again when the method returns.
     *
     * @return {@code true} to go on reading; {@code false} to read nothing more from this peer until {@link Replies#resume()}, which can
     *         be called before this method returns
     */
    boolean receive(ByteBuffer bytes);

    /** The connection has ended. What came after the last newline is not a message and is dropped. Idempotent. */
    void end();
}
