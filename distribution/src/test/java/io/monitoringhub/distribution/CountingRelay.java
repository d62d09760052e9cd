package io.monitoringhub.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a port of this machine and counts what clients send. Thread-safe. */
final class CountingRelay implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final AtomicLong sent = new AtomicLong();

    CountingRelay(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Bytes from clients to the hub so far. */
    long sent() {
        return sent.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket hub = new Socket(InetAddress.getLoopbackAddress(), target);
                start("out", () -> pass(client, hub, sent));
                start("back", () -> pass(hub, client, new AtomicLong()));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private static void pass(Socket from, Socket to, AtomicLong count) {
        byte[] buffer = new byte[65_536];
        try {
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count.addAndGet(read);
                to.getOutputStream().write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException ended) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // That is what was wanted.
        }
    }

    private void start(String name, Runnable task) {
        Thread thread = new Thread(task, "relay-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
