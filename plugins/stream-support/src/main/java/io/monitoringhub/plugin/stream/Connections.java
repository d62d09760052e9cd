package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one server, and what is to be said when there are too many. Thread-safe. */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /** Health is well again when a twentieth of the places is free: not at each connection that goes and is followed by another. */
    private static final int PART_FREE = 20;

    private final Object lock = new Object();
    private final Ingest ingest;
    private final int most;
    private final Set<Connection> live = new HashSet<>();
    private int places;
    private long turnedAway;
    private boolean stopping;
    private long drainUntil;

    Connections(Ingest ingest, int most) {
        this.ingest = ingest;
        this.most = most;
    }

    /** Gives a place to a new connection, until it {@linkplain #leave leaves}; tells whether there was one. */
    boolean admit() {
        synchronized (lock) {
            if (stopping) {
                return false;
            }
            if (places < most) {
                places++;
                return true;
            }
        }
        turnedAway("max_connections of " + most + " is reached: further clients are turned away");
        return false;
    }

    /** A connection has ended. */
    void leave() {
        long away;
        synchronized (lock) {
            places--;
            lock.notifyAll();
            if (stopping || turnedAway == 0 || places > most - Math.max(1, most / PART_FREE)) {
                return;
            }
            away = turnedAway;
            turnedAway = 0;
            ingest.health().ok();
        }
        LOG.info("{}: there is room for connections again; {} were turned away", ingest.id(), away);
    }

    /** A client could not be let in. */
    void turnedAway(String reason) {
        synchronized (lock) {
            if (stopping || turnedAway++ > 0) {
                return;
            }
            ingest.health().degraded(reason);
        }
        LOG.warn("{}: {}. Said once until there is room again", ingest.id(), reason);
    }

    void add(Connection connection) {
        synchronized (lock) {
            live.add(connection);
            if (stopping) {
                connection.drain(drainUntil);
            }
        }
    }

    void remove(Connection connection) {
        synchronized (lock) {
            live.remove(connection);
        }
    }

    /** Takes what the peers have sent so far, then ends all connections; waits at most so long. */
    void drain(Duration grace) throws InterruptedException {
        long begin = System.nanoTime();
        synchronized (lock) {
            stopping = true;
            drainUntil = begin + grace.toNanos() / 2;
            live.forEach(connection -> connection.drain(drainUntil));
        }
        int left = awaitEnd(begin + grace.toNanos());
        if (left > 0) {
            LOG.warn("{}: {} connections did not end within {} ms and are cut", ingest.id(), left, grace.toMillis());
        }
    }

    /** Ends what is still there although the loops have ended: a loop that shuts down may close a channel and announce it no more. */
    void endLeft() {
        List<Connection> left;
        synchronized (lock) {
            left = List.copyOf(live);
        }
        left.forEach(Connection::endWithoutLoop);
    }

    private int awaitEnd(long until) throws InterruptedException {
        synchronized (lock) {
            for (long left = until - System.nanoTime(); places > 0 && left > 0; left = until - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return places;
        }
    }
}
