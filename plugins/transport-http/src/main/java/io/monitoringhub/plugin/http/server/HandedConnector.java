package io.monitoringhub.plugin.http.server;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;

/**
 * Serves connections that somebody else has accepted: the listening socket is the hub's and outlives this bundle. One selector, no thread
 * that accepts. Thread-safe.
 */
final class HandedConnector extends AbstractConnector {

    private final ConnectionGate gate;
    private final SelectorManager selectors;

    HandedConnector(Server server, ConnectionGate gate, ConnectionFactory... factories) {
        super(server, null, null, null, 0, factories);
        this.gate = gate;
        this.selectors = new Selectors();
        installBean(selectors, true);
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
                endPoint.setIdleTimeout(getShutdownIdleTimeout());
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
