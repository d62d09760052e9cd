package io.monitoringhub.distribution;

import io.monitoringhub.testservers.ServerProcess;
import java.io.IOException;

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
        return ServerProcess.freePort();
    }
}
