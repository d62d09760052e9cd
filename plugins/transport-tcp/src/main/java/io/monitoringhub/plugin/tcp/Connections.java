package io.monitoringhub.plugin.tcp;

import io.monitoringhub.spi.transport.Ingest;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one listener. Thread-safe. */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final Ingest ingest;
    private final int most;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean full;

    Connections(Ingest ingest, int most) {
        this.ingest = ingest;
        this.most = most;
    }

    /** Takes a new connection, or closes it when there are too many. */
    void admit(SocketChannel channel) {
        if (open.size() >= most) {
            refuse(channel);
            return;
        }
        full = false;
        Connection connection = new Connection(ingest, channel);
        open.add(connection);
        channel.closeFuture().addListener(closed -> {
            open.remove(connection);
            synchronized (open) {
                open.notifyAll();
            }
        });
        channel.pipeline().addLast("session", connection);
    }

    private void refuse(Channel channel) {
        if (!full) {
            full = true;
            LOG.warn("{}: closed a connection from {} at once, and will close more: max_connections of {} is reached", ingest.id(),
                    channel.remoteAddress(), most);
            ingest.health().degraded("max_connections of " + most + " is reached: further clients are turned away");
        }
        channel.close();
    }

    /** Takes what the peers have sent so far, then ends all connections; waits at most so long. */
    void drain(Duration grace) throws InterruptedException {
        long readUntil = System.nanoTime() + grace.toNanos() / 2;
        for (Connection connection : open) {
            connection.drain(readUntil);
        }
        if (!awaitEnd(grace)) {
            LOG.warn("{}: {} connections did not end within {} ms and are cut", ingest.id(), open.size(), grace.toMillis());
        }
    }

    private boolean awaitEnd(Duration grace) throws InterruptedException {
        long until = System.nanoTime() + grace.toNanos();
        synchronized (open) {
            for (long left = grace.toNanos(); !open.isEmpty() && left > 0; left = until - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(open, left);
            }
        }
        return open.isEmpty();
    }
}
