package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * What the sending half needs to know, validated. Immutable.
 *
 * @param source who sends
 * @param host address of the hub, or the absolute path of its Unix socket
 * @param port its TCP port
 * @param tls how to hide what goes over TCP; empty: not at all
 * @param saysHello whether to ask for acknowledgements at all
 * @param mayBePlain whether a hub that doesn't answer hello is taken for a plain one
 * @param compresses whether to offer compression with hello
 * @param bufferMessages messages kept in memory until they are confirmed
 * @param stagingBytes what the application may be ahead of the sender thread
 * @param linger how long messages are collected for one write
 * @param connectTimeout for one attempt
 * @param welcomeTimeout for the answer to hello
 * @param backoffMin first upper limit of the pause before the next attempt
 * @param backoffMax last upper limit of it
 * @param spool where lines go that memory can't hold; empty: nowhere
 */
public record Settings(String source, String host, int port, Optional<Tls> tls, boolean saysHello, boolean mayBePlain, boolean compresses,
        int bufferMessages, long stagingBytes, Duration linger, Duration connectTimeout, Duration welcomeTimeout, Duration backoffMin,
        Duration backoffMax, Optional<SpoolPlace> spool) {

    /** The upper limit of the pause after so many failures in a row before this one. */
    long longestPauseNanos(int failures) {
        long ceiling = backoffMin.toNanos() << Math.min(failures, 20);
        return Math.min(Math.max(ceiling, 1), backoffMax.toNanos());
    }

    IOException cannotConnect(IOException cause) {
        return new IOException("cannot connect to " + host + ":" + port + ": " + cause.getMessage(), cause);
    }
}
