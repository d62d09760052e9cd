package io.monitoringhub.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Configurations that do not get into each other's way.
 *
 * <p>Immutable.
 */
final class TestConfiguration {

    private TestConfiguration() {
    }

    /** The shipped configuration, on ports that nobody uses at this moment. */
    static String onFreePorts() throws IOException {
        return """
                transports:
                  tcp: { port: %d }
                backends:
                  archive: { type: filesystem, path: events }
                routes:
                  - { source: "*", to: [archive] }
                log: { path: log, retain: 24h, max_size: 10GB, durability: sync }
                """.formatted(freePort());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
