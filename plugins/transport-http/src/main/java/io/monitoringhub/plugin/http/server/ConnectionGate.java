package io.monitoringhub.plugin.http.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts connections, in all and of each peer, and lets none in beyond the limits. Thread-safe. */
final class ConnectionGate {

    private final ServerLimits limits;
    private final Refusals refusals;
    private final Map<SocketChannel, InetAddress> open = new HashMap<>();
    private final Map<InetAddress, Integer> ofPeer = new HashMap<>();

    ConnectionGate(ServerLimits limits, Refusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
    }

    /** @return whether the connection may stay; it is then to be followed by {@link #left} */
    synchronized boolean admit(SocketChannel channel) {
        InetAddress peer = peer(channel);
        int already = ofPeer.getOrDefault(peer, 0);
        if (open.size() >= limits.maxConnections()) {
            refusals.count("too_many_connections", "all " + limits.maxConnections() + " connections are taken. Raise max_connections, or let"
                    + " clients keep theirs for many requests");
            return false;
        }
        if (already >= limits.maxConnectionsPerPeer()) {
            refusals.count("too_many_connections_of_peer", peer + " has " + already + " connections already. Raise max_connections_per_peer,"
                    + " or let it keep its connections for many requests");
            return false;
        }
        open.put(channel, peer);
        ofPeer.put(peer, already + 1);
        return true;
    }

    synchronized void left(SocketChannel channel) {
        InetAddress peer = open.remove(channel);
        if (peer != null) {
            ofPeer.computeIfPresent(peer, (address, count) -> count == 1 ? null : count - 1);
            notifyAll();
        }
    }

    /** @return whether all had left in time */
    synchronized boolean awaitEmpty(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); !open.isEmpty() && left > 0; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return open.isEmpty();
    }

    synchronized int size() {
        return open.size();
    }

    private static InetAddress peer(SocketChannel channel) {
        try {
            return channel.getRemoteAddress() instanceof InetSocketAddress address ? address.getAddress() : InetAddress.getLoopbackAddress();
        } catch (IOException gone) {
            return InetAddress.getLoopbackAddress();
        }
    }
}
