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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One socket, and who takes its connections at the moment. Thread-safe. */
final class ListeningSocket {

    private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long NEVER = Long.MAX_VALUE;
    /** The next socket's turn comes after so many. */
    private static final int MOST_AT_ONCE = 256;

    private final ServerSocketChannel channel;
    private final SocketAddress local;
    private final Optional<Object> fileKey;
    private ListenAddress address;
    private ConnectionReceiver receiver;
    private long holds;
    private long freeSince = NEVER;
    private long pausedSince = NEVER;
    private Selector selector;

    private ListeningSocket(ListenAddress address, ServerSocketChannel channel) throws IOException {
        this.address = address;
        this.channel = channel;
        this.local = Binding.localAddress(address, channel);
        this.fileKey = Binding.fileKey(address);
    }

    static ListeningSocket open(ListenAddress address) throws IOException {
        ServerSocketChannel channel = Binding.open(address);
        try {
            channel.configureBlocking(false);
            return new ListeningSocket(address, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Makes it the socket of another address, where that takes less than a new socket.
     *
     * @return whether it now is; not if it listens elsewhere, or if its file is there no more
     */
    synchronized boolean fit(ListenAddress wanted) throws IOException {
        if (!Binding.fileKey(address).equals(fileKey)) {
            return false;
        }
        if (!address.equals(wanted) && !Binding.change(address, local, wanted)) {
            return false;
        }
        address = wanted;
        return true;
    }

    SocketAddress localAddress() {
        return local;
    }

    synchronized String text() {
        return Binding.text(address);
    }

    synchronized boolean isHeld() {
        return receiver != null;
    }

    /** @return what this hold is called */
    synchronized long take(ConnectionReceiver newcomer) {
        receiver = newcomer;
        freeSince = NEVER;
        pausedSince = NEVER;
        holds++;
        return holds;
    }

    synchronized void letGo(long hold) {
        if (hold != holds || receiver == null) {
            return;
        }
        pausedSince = NEVER;
        accept(Binding.BACKLOG);
        receiver = null;
        pausedSince = NEVER;
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

    /** Hands over who has connected. */
    void accept() {
        accept(MOST_AT_ONCE);
    }

    private synchronized void accept(int most) {
        if (receiver == null || pausedSince != NEVER) {
            return;
        }
        try {
            SocketChannel client = channel.accept();
            for (int more = most - 1; client != null; client = more-- > 0 ? channel.accept() : null) {
                hand(client);
            }
        } catch (ClosedChannelException closed) {
            LOG.debug("{} was closed while a client connected", text());
        } catch (IOException failure) {
            pausedSince = System.nanoTime();
            interest(0);
            tell(failure);
        }
    }

    private void hand(SocketChannel client) {
        try {
            receiver.connected(client);
        } catch (RuntimeException | LinkageError fault) { // plugin boundary: its fault must not end listening for the others
            LOG.error("{}: a connection is closed because of a fault of its transport", text(), fault);
            try {
                client.close();
            } catch (IOException failure) {
                LOG.debug("{}: a connection did not close in order: {}", text(), failure.getMessage());
            }
        }
    }

    private void tell(IOException failure) {
        try {
            receiver.acceptFailed(failure);
        } catch (RuntimeException | LinkageError fault) { // plugin boundary
            LOG.error("{}: a connection could not be accepted ({}), and its transport failed over that", text(), failure.getMessage(), fault);
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
            Binding.cleanUp(address, fileKey);
        } catch (IOException failure) {
            LOG.warn("{} did not close in order: {}", text(), failure.toString());
        }
    }
}
