package io.monitoringhub.testservers;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A loopback port that leads to another one, and can be cut: to its clients the server behind it has died, to the server its clients have.
 * What had reached the server by then stays with it.
 *
 * <p>Thread-safe.
 */
final class Relay implements AutoCloseable {

    private static final int BUFFER = 64 << 10;
    private static final int BACKLOG = 64;

    private final int port;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private Thread acceptor;

    /** Does not listen yet. @param target the port behind it */
    Relay(int port, int target) {
        this.port = port;
        this.target = target;
    }

    synchronized void listen() throws IOException {
        ServerSocket opened = new ServerSocket();
        opened.setReuseAddress(true);
        opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        listener = opened;
        acceptor = new Thread(() -> accept(opened), "relay-" + port);
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Refuses new connections and resets those that there are; returns when that is done. Idempotent. */
    @Override
    public synchronized void close() throws InterruptedException {
        if (listener == null) {
            return;
        }
        shut(listener);
        acceptor.join();
        listener = null;
        sockets.forEach(Relay::reset);
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                Socket client = from.accept();
                sockets.add(client);
                lead(client);
            }
        } catch (IOException e) {
            // The listener was closed: that is how this ends.
            sockets.removeIf(Socket::isClosed);
        }
    }

    private void lead(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            pump(client, server);
            pump(server, client);
        } catch (IOException e) {
            // The server behind does not listen: its client sees the connection end.
            reset(client);
        }
    }

    private void pump(Socket from, Socket to) {
        Thread thread = new Thread(() -> {
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    out.write(buffer, 0, read);
                }
                to.shutdownOutput();
            } catch (IOException e) {
                reset(from);
                reset(to);
            } finally {
                sockets.removeIf(Socket::isClosed);
            }
        }, "relay-" + port + "-pump");
        thread.setDaemon(true);
        thread.start();
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
        shut(socket);
    }

    private static void shut(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
