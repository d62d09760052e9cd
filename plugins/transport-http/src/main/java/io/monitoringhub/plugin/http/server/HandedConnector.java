package io.monitoringhub.plugin.http.server;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Serves connections that somebody else has accepted: the listening socket is the hub's and outlives this bundle. One selector, no thread
 * that accepts. Thread-safe.
 */
final class HandedConnector extends AbstractConnector {

    /** How long a connection without a request may stay when the server wants to end. */
    private static final long LAST_IDLE_MILLIS = 200;

    private final ConnectionGate gate;
    private final SelectorManager selectors;

    HandedConnector(Server server, ConnectionGate gate, long idleMillis, ConnectionFactory... factories) {
        super(server, null, null, null, 0, factories);
        this.gate = gate;
        this.selectors = new Selectors();
        installBean(selectors, true);
        setIdleTimeout(idleMillis);
        // Jetty gives this to all when it ends, and one that has been idle for longer ends at once, be it in the middle of a request.
        setShutdownIdleTimeout(idleMillis);
    }

    /** No more connections come. Those without a request end soon, the others when they have their answer. */
    @Override
    public CompletableFuture<Void> shutdown() {
        CompletableFuture<Void> done = super.shutdown();
        for (EndPoint endPoint : getConnectedEndPoints()) {
            if (!hasRequest(endPoint)) {
                endPoint.setIdleTimeout(LAST_IDLE_MILLIS);
                if (hasRequest(endPoint)) {
                    endPoint.setIdleTimeout(getIdleTimeout());      // it has come meanwhile
                }
            }
        }
        return done;
    }

    /** A request on a connection that had been told to end soon has its time even so. */
    void begun(Request request) {
        if (isShutdown()) {
            request.getConnectionMetaData().getConnection().getEndPoint().setIdleTimeout(getIdleTimeout());
        }
    }

    private static boolean hasRequest(EndPoint endPoint) {
        Connection connection = endPoint.getConnection();
        if (connection instanceof SslConnection secure) {
            connection = secure.getSslEndPoint().getConnection();
        }
        return connection instanceof HttpConnection http && http.getHttpChannel().getRequest() != null;
    }

    /** Takes a connection over; closes it if it can't be served. */
    void take(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            channel.socket().setTcpNoDelay(true);
            selectors.accept(channel, channel);
        } catch (IOException | IllegalStateException stopping) {
            gate.left(channel);
            close(channel);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException gone) {
            LOG.debug("a connection did not close in order", gone);
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        // Jetty's own adjustment is for the first connection factory only.
        selectors.setConnectTimeout(getIdleTimeout());
    }

    @Override
    protected void accept(int acceptor) {
        throw new IllegalStateException("there is nothing to accept from");
    }

    @Override
    public Object getTransport() {
        return null;
    }

    /** Makes end points of channels, and tells connector and gate of their coming and going. */
    private final class Selectors extends SelectorManager {

        Selectors() {
            super(HandedConnector.this.getExecutor(), HandedConnector.this.getScheduler(), 1);
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            SocketChannelEndPoint endPoint = new SocketChannelEndPoint((SocketChannel) channel, selector, key, getScheduler());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
        }

        @Override
        protected void onAcceptFailed(SelectableChannel channel, Throwable cause) {
            gate.left((SocketChannel) channel);
            super.onAcceptFailed(channel, cause);
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment) {
            return getDefaultConnectionFactory().newConnection(HandedConnector.this, endPoint);
        }

        @Override
        protected void endPointOpened(EndPoint endPoint) {
            super.endPointOpened(endPoint);
            onEndPointOpened(endPoint);
            if (isShutdown()) {
                // One of the last that were handed over: Jetty has gone over the others already.
                endPoint.setIdleTimeout(LAST_IDLE_MILLIS);
            }
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            onEndPointClosed(endPoint);
            super.endPointClosed(endPoint);
            if (endPoint instanceof SocketChannelEndPoint socket && socket.getTransport() instanceof SocketChannel channel) {
                gate.left(channel);
            }
        }
    }
}
