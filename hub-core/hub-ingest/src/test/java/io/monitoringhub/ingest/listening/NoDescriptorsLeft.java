package io.monitoringhub.ingest.listening;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import io.monitoringhub.spi.transport.ListenAddress;
import io.monitoringhub.spi.transport.Listener;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/** A process of its own, to be run with few file descriptors: accepts when there are some, fails when there are none, and goes on. */
final class NoDescriptorsLeft {

    private NoDescriptorsLeft() {
    }

    public static void main(String[] arguments) throws Exception {
        try (ListeningSockets sockets = new ListeningSockets(Duration.ofMinutes(1)); Guests guests = new Guests()) {
            ListenAddress address = new ListenAddress.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Listener listener = sockets.listen(new ComponentId(Kind.TRANSPORT, "tcp", "tcp"), address, guests);
            // Once with room, so that all classes are loaded.
            SocketChannel first = SocketChannel.open(listener.address());
            awaitCount(guests, 1);
            Deque<Closeable> fillers = new ArrayDeque<>();
            fill(fillers);
            fillers.pop().close();
            SocketChannel second = SocketChannel.open(listener.address());
            while (guests.failures().isEmpty()) {
                LockSupport.parkNanos(1_000_000);
            }
            System.out.println("failed: " + guests.failures().get(0).getMessage());
            // The loader of a class that is new wants descriptors too.
            while (!fillers.isEmpty()) {
                fillers.pop().close();
            }
            awaitCount(guests, 2);
            System.out.println("accepted again, failures: " + guests.failures().size());
            first.close();
            second.close();
        }
    }

    private static void fill(Deque<Closeable> fillers) {
        try {
            while (true) {
                fillers.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException full) {
            // what is wanted
        }
    }

    private static void awaitCount(Guests guests, int count) {
        while (guests.count() < count) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
