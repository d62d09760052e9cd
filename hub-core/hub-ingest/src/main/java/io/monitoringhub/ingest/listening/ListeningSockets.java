package io.monitoringhub.ingest.listening;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.ConnectionReceiver;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every socket that the hub listens on, each with the transport instance that owns it. One thread, {@code hub-accept}, accepts for all.
 *
 * <p>A socket whose transport has gone is kept for its successor: who connects meanwhile waits in the socket's queue. When nobody comes for
 * it in time it is closed, for a client that is let in by nobody would wait for ever. Thread-safe.
 */
public final class ListeningSockets implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ListeningSockets.class);

    private static final long CHECK_MILLIS = 100;

    private final Object lock = new Object();
    private final Map<ComponentId, ListeningSocket> byOwner = new HashMap<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Selector selector;
    private final long keepNanos;
    private final Thread thread;
    private boolean isClosed;

    /** @param keepFor how long a socket without a transport is kept; zero closes it with the transport */
    public ListeningSockets(Duration keepFor) throws IOException {
        this.keepNanos = keepFor.toNanos();
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "hub-accept");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Listens for a transport instance.
     *
     * @throws IOException when the address can't be used now
     */
    public Listener listen(ComponentId owner, ListenAddress address, ConnectionReceiver receiver) throws IOException {
        Objects.requireNonNull(receiver, "receiver");
        if (discardUnfit(owner, address)) {
            awaitClosed();
        }
        synchronized (lock) {
            if (isClosed) {
                throw new IOException("the hub is stopping: " + owner + " does not listen any more");
            }
            ListeningSocket socket = byOwner.get(owner);
            if (socket != null && socket.isHeld()) {
                throw new IOException("another instance of " + owner + " still listens on " + socket.text());
            }
            if (socket == null) {
                socket = ListeningSocket.open(address);
                byOwner.put(owner, socket);
            }
            ListeningSocket held = socket;
            long hold = held.take(receiver);
            onThread(() -> register(held));
            return new Hold(owner, held, hold);
        }
    }

    /** Closes what an earlier instance left if it is of no use for this address. */
    private boolean discardUnfit(ComponentId owner, ListenAddress address) throws IOException {
        synchronized (lock) {
            ListeningSocket socket = byOwner.get(owner);
            if (socket == null || socket.isHeld() || socket.fit(address)) {
                return false;
            }
            release(owner, socket);
            return true;
        }
    }

    /**
     * Waits until the sockets that other threads closed before are closed indeed: the selector holds on to the address of a closed channel
     * until it selects again.
     */
    private void awaitClosed() {
        if (Thread.currentThread() == thread) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        onThread(() -> {
            try {
                selector.selectNow();
            } catch (IOException failure) {
                LOG.warn("closed sockets may still be open: {}", failure.toString());
            }
            done.countDown();
        });
        boolean interrupted = false;
        while (thread.isAlive() && done.getCount() > 0) {
            try {
                done.await(CHECK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the socket of an instance that is configured no more, if no transport holds it. */
    public void forget(ComponentId owner) {
        synchronized (lock) {
            ListeningSocket socket = byOwner.get(owner);
            if (socket == null || socket.isHeld()) {
                return;
            }
            release(owner, socket);
        }
        awaitClosed();
    }

    /** Closes all. Transports have let go by then. */
    @Override
    public void close() {
        synchronized (lock) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            byOwner.values().forEach(ListeningSocket::close);
            byOwner.clear();
        }
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void release(ComponentId owner, ListeningSocket socket) {
        byOwner.remove(owner);
        socket.close();
    }

    private void onThread(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private void register(ListeningSocket socket) {
        socket.registerWith(selector);
    }

    private void run() {
        try (Selector own = selector) {
            while (!isClosed()) {
                own.select(nextLook());
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                for (SelectionKey key : own.selectedKeys()) {
                    ((ListeningSocket) key.attachment()).accept();
                }
                own.selectedKeys().clear();
                closeUnclaimed();
            }
        } catch (IOException | RuntimeException fault) { // the thread's end would be the end of listening
            LOG.error("connections are accepted no more: a fault of the hub, restart it and please report this", fault);
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return isClosed;
        }
    }

    /** In how many milliseconds an unclaimed socket, or one that paused, wants to be looked at; 0 for never. */
    private long nextLook() {
        synchronized (lock) {
            long next = Long.MAX_VALUE;
            long now = System.nanoTime();
            for (ListeningSocket socket : byOwner.values()) {
                next = Math.min(next, socket.nanosToNextLook(now, keepNanos));
            }
            return next == Long.MAX_VALUE ? 0 : Math.max(1, next / 1_000_000 + 1);
        }
    }

    private void closeUnclaimed() throws IOException {
        synchronized (lock) {
            long now = System.nanoTime();
            boolean anyClosed = byOwner.entrySet().removeIf(entry -> {
                ListeningSocket socket = entry.getValue();
                socket.endPause(now);
                if (!socket.isUnclaimed(now, keepNanos)) {
                    return false;
                }
                LOG.warn("{}: no transport came back for {} in {} s, so it is closed: clients are turned away", entry.getKey(), socket.text(),
                        Duration.ofNanos(keepNanos).toSeconds());
                socket.close();
                return true;
            });
            if (anyClosed) {
                selector.selectNow();   // before the lock is free: who finds no socket here must find its address free
                selector.wakeup();      // it may have swallowed that of a task
            }
        }
    }

    /** One transport's hold on a socket. */
    private final class Hold implements Listener {

        private final ComponentId owner;
        private final ListeningSocket socket;
        private final long number;

        Hold(ComponentId owner, ListeningSocket socket, long number) {
            this.owner = owner;
            this.socket = socket;
            this.number = number;
        }

        @Override
        public SocketAddress address() {
            return socket.localAddress();
        }

        @Override
        public void close() {
            socket.letGo(number);
            if (keepNanos == 0) {
                forget(owner);
            }
            selector.wakeup();
        }
    }
}
