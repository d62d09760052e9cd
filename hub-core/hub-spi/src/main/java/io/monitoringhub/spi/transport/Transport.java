package io.monitoringhub.spi.transport;

import java.io.IOException;
import java.time.Duration;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Accepts bytes from clients and passes them to the hub. The constructor stores its configuration and does nothing else.
 *
 * <p>The hub calls {@code start} and {@code stop} one after the other, never at the same time.
 */
@ConsumerType
public interface Transport {

    /**
     * Validates the configuration, starts to listen, and returns.
     *
     * @param ingest where the bytes go; valid until {@link #stop} returns
     * @throws IllegalArgumentException when the configuration is wrong; the message names all problems at once
     * @throws IOException when it can't listen now, as on a port in use; the hub tries again with back-off
     * @throws InterruptedException when the thread was wanted back
     */
    void start(Ingest ingest) throws IOException, InterruptedException;

    /**
     * Stops accepting, passes on what the peers' bytes in hand are, lets pending replies leave, closes. Safe if never started.
     *
     * @param grace how long it may take
     * @throws InterruptedException when the thread was wanted back; everything is released even so
     */
    void stop(Duration grace) throws InterruptedException;

    /** Where it listens, for people: {@code 127.0.0.1:17000}; empty while it does not. */
    String address();
}
