package io.monitoringhub.ingest.listening;

import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.ListenAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One socket, and who takes its connections at the moment. Thread-safe. */
final class ListeningSocket {

    private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long NEVER = Long.MAX_VALUE;

    private final ListenAddress address;
    private final ServerSocketChannel channel;
    private final SocketAddress local;
    private ConnectionReceiver receiver;
    private long holds;
    private long freeSince = NEVER;
    private long pausedSince = NEVER;
    private Selector selector;

    private ListeningSocket(ListenAddress address, ServerSocketChannel channel, SocketAddress local) {
        this.address = address;
        this.channel = channel;
        this.local = local;
    }

    static ListeningSocket open(ListenAddress address) throws IOException {
        ServerSocketChannel channel = Binding.open(address);
        try {
            channel.configureBlocking(false);
            return new ListeningSocket(address, channel, Binding.localAddress(address, channel));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    ListenAddress address() {
        return address;
    }

    SocketAddress localAddress() {
        return local;
    }

    String text() {
        return Binding.text(address);
    }

    synchronized boolean isHeld() {
        return receiver != null;
    }

    /** @return what this hold is called */
    synchronized long take(ConnectionReceiver newcomer) {
        receiver = newcomer;
        freeSince = NEVER;
        holds++;
        return holds;
    }

    synchronized void letGo(long hold) {
        if (hold != holds || receiver == null) {
            return;
        }
        pausedSince = NEVER;
        accept();
        receiver = null;
        freeSince = System.nanoTime();
        interest(0);
    }

    synchronized void registerWith(Selector accepting) {
        selector = accepting;
        try {
            if (receiver != null) {
                channel.register(selector, SelectionKey.OP_ACCEPT, this);
            }
        } catch (ClosedChannelException closed) {
            LOG.debug("{} was closed before it was listened on", text());
        }
    }

    /** Hands over everybody who has connected. */
    synchronized void accept() {
        if (receiver == null || pausedSince != NEVER) {
            return;
        }
        try {
            for (SocketChannel client = channel.accept(); client != null; client = channel.accept()) {
                hand(client);
            }
        } catch (ClosedChannelException closed) {
            LOG.debug("{} was closed while a client connected", text());
        } catch (IOException failure) {
            pausedSince = System.nanoTime();
            interest(0);
            receiver.acceptFailed(failure);
        }
    }

    private void hand(SocketChannel client) throws IOException {
        try {
            receiver.connected(client);
        } catch (RuntimeException | LinkageError fault) { // plugin boundary: its fault must not end listening for the others
            client.close();
            LOG.error("{}: a connection is closed because of a fault of its transport", text(), fault);
        }
    }

    /** Accepting has failed a while ago: try again. */
    synchronized void endPause(long now) {
        if (pausedSince != NEVER && now - pausedSince >= PAUSE_NANOS) {
            pausedSince = NEVER;
            interest(SelectionKey.OP_ACCEPT);
        }
    }

    synchronized boolean isUnclaimed(long now, long keepNanos) {
        return freeSince != NEVER && now - freeSince >= keepNanos;
    }

    synchronized long nanosToNextLook(long now, long keepNanos) {
        long pauseEnds = pausedSince == NEVER ? NEVER : Math.max(0, pausedSince + PAUSE_NANOS - now);
        long keepEnds = freeSince == NEVER ? NEVER : Math.max(0, freeSince + keepNanos - now);
        return Math.min(pauseEnds, keepEnds);
    }

    private void interest(int operations) {
        SelectionKey key = selector == null ? null : channel.keyFor(selector);
        if (key != null && key.isValid()) {
            key.interestOps(operations);
        }
    }

    synchronized void close() {
        receiver = null;
        try {
            channel.close();
            Binding.cleanUp(address);
        } catch (IOException failure) {
            LOG.warn("{} did not close in order: {}", text(), failure.toString());
        }
    }
}
