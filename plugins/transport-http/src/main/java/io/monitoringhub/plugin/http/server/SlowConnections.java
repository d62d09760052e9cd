package io.monitoringhub.plugin.http.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Ends connections whose request, or TLS handshake, has begun and does not get on: the idle time-out alone lets in whoever sends a byte
 * now and then. Used by one thread at a time.
 */
final class SlowConnections {

    private static final String NO_SESSION_YET = "NONE";

    private final Connector connector;
    private final long patienceNanos;
    private final Refusals refusals;
    private final Map<EndPoint, Long> since = new HashMap<>();

    SlowConnections(Connector connector, Duration patience, Refusals refusals) {
        this.connector = connector;
        this.patienceNanos = patience.toNanos();
        this.refusals = refusals;
    }

    void look() {
        long now = System.nanoTime();
        Set<EndPoint> slow = new HashSet<>();
        for (EndPoint endPoint : connector.getConnectedEndPoints()) {
            if (isAtItsBeginning(endPoint.getConnection())) {
                slow.add(endPoint);
                if (now - since.computeIfAbsent(endPoint, first -> now) > patienceNanos) {
                    refusals.count("slow_header", endPoint.getRemoteSocketAddress() + " did not complete its request's headers or its TLS"
                            + " handshake in " + patienceNanos / 1_000_000_000 + " s (header_timeout)");
                    endPoint.close();
                }
            }
        }
        since.keySet().retainAll(slow);
    }

    private static boolean isAtItsBeginning(Connection connection) {
        if (connection instanceof SslConnection secure) {
            return secure.getSSLEngine().getSession().getProtocol().equals(NO_SESSION_YET)
                    || isAtItsBeginning(secure.getSslEndPoint().getConnection());
        }
        if (connection instanceof HttpConnection http) {
            HttpParser parser = http.getParser();
            return parser.inHeaderState() && !parser.isIdle() && !parser.isStart() && !parser.isClosed();
        }
        return false;
    }
}
