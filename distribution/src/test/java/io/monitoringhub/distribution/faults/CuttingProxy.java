package io.monitoringhub.distribution.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between clients and a hub and cuts connections after a random number of bytes, in either direction, with FIN or with RST.
 *
 * <p>Thread-safe. Owns two threads per connection; they end with it.
 */
final class CuttingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final InetSocketAddress hub;
    private final Random random;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong cuts = new AtomicLong();
    private final Thread acceptor;
    private volatile long mostBytes;

    CuttingProxy(InetSocketAddress hub, long seed) throws IOException {
        this.hub = hub;
        this.random = new Random(seed);
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        acceptor = start("proxy-accept", this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    /** From now on every new connection is cut after up to so many bytes; those that are open end now. 0 = cut no more. */
    void cutAfterUpTo(long bytes) {
        mostBytes = bytes;
        if (bytes > 0) {
            open.forEach(CuttingProxy::close);
        }
    }

    long cuts() {
        return cuts.get();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        open.forEach(CuttingProxy::close);
        acceptor.join();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        Socket server = new Socket();
        try {
            server.connect(hub);
        } catch (IOException hubIsAway) {
            close(client);
            return;
        }
        Link link = new Link(client, server);
        start("proxy-up", () -> link.pump(client, server, draw(1)));
        start("proxy-down", () -> link.pump(server, client, draw(2_000)));
    }

    /** Replies are some 30 bytes where the lines that they are about are some thousands. */
    private long draw(int divisor) {
        long most = Math.max(1, mostBytes / divisor);
        synchronized (random) {
            return mostBytes == 0 ? Long.MAX_VALUE : 1 + (long) (random.nextDouble() * most);
        }
    }

    private boolean flip() {
        synchronized (random) {
            return random.nextBoolean();
        }
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Closed is all that is asked for.
        }
    }

    /** One client's connection and the one to the hub. Thread-safe. */
    private final class Link {

        private final Socket client;
        private final Socket server;
        private final AtomicInteger ended = new AtomicInteger();

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            open.add(client);
            open.add(server);
        }

        /** Copies until the end, an error, or the last byte that may pass. */
        void pump(Socket from, Socket to, long budget) {
            byte[] bytes = new byte[16 * 1024];
            long left = budget;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int count;
                while (left > 0 && (count = in.read(bytes, 0, (int) Math.min(bytes.length, left))) >= 0) {
                    out.write(bytes, 0, count);
                    left -= count;
                }
                if (left == 0) {
                    cuts.incrementAndGet();
                    server.setSoLinger(flip(), 0);
                } else {
                    to.shutdownOutput();
                    if (ended.incrementAndGet() < 2) {
                        return;
                    }
                }
            } catch (IOException broken) {
                // The other direction ended it, or one of the two peers did.
            }
            end();
        }

        private void end() {
            close(client);
            close(server);
            open.remove(client);
            open.remove(server);
        }
    }
}
