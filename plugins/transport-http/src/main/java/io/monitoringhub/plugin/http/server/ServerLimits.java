package io.monitoringhub.plugin.http.server;

import java.time.Duration;

/**
 * What connections may be. Immutable.
 *
 * @param maxConnections at the same time
 * @param maxConnectionsPerPeer of one address at the same time
 * @param maxHeaderBytes of a request's first line and headers
 * @param idleTimeout after which a connection on which nothing happens is closed
 * @param headerTimeout that a request's headers, or a TLS handshake, may take
 */
public record ServerLimits(int maxConnections, int maxConnectionsPerPeer, int maxHeaderBytes, Duration idleTimeout, Duration headerTimeout) {
}
