package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Ingest;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one server, and what is to be said when there are too many. Thread-safe. */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /** Health is well again when a twentieth of the places is free: not at each connection that goes and is followed by another. */
    private static final int PART_FREE = 20;

    static final String TOO_MANY = "max_connections_per_peer is reached";

    private static final String ROOM = "room";

    private final Object lock = new Object();
    private final Ingest ingest;
    private final Troubles troubles;
    private final int most;
    private final int mostPerPeer;
    private final Set<Connection> live = new HashSet<>();
    private final Set<Channel> entering = new HashSet<>();
    private final Map<String, Integer> perPeer = new HashMap<>();
    private int places;
    private long turnedAway;
    private boolean stopping;
    private long drainUntil;

    /** @param mostPerPeer 0 for no limit */
    Connections(Ingest ingest, Troubles troubles, int most, int mostPerPeer) {
        this.ingest = ingest;
        this.troubles = troubles;
        this.most = most;
        this.mostPerPeer = mostPerPeer;
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

    /**
     * Counts one more of a peer, until it {@linkplain #leave(String) leaves}.
     *
     * @throws RefusedException when it has too many
     */
    void admit(Visitor visitor) throws RefusedException {
        if (mostPerPeer == 0) {
            return;
        }
        synchronized (lock) {
            if (perPeer.getOrDefault(visitor.origin(), 0) >= mostPerPeer) {
                throw new RefusedException(TOO_MANY, visitor.peer() + ": there are " + mostPerPeer + " connections of " + visitor.origin());
            }
            perPeer.merge(visitor.origin(), 1, Integer::sum);
        }
    }

    /** A connection of a peer that was let in has ended. */
    void leave(String origin) {
        if (mostPerPeer > 0) {
            synchronized (lock) {
                perPeer.computeIfPresent(origin, (key, count) -> count == 1 ? null : count - 1);
            }
        }
        leave();
    }

    /** Somebody is at the door, registered, and not yet let in. */
    void isEntering(Channel channel) {
        synchronized (lock) {
            if (stopping) {
                channel.close();
            } else {
                entering.add(channel);
            }
        }
    }

    /** Somebody has been let in, or has gone. */
    void hasEntered(Channel channel) {
        synchronized (lock) {
            entering.remove(channel);
        }
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
            troubles.end(ROOM);
        }
        LOG.info("{}: there is room for connections again; {} were turned away", ingest.id(), away);
    }

    /** A client could not be let in. */
    void turnedAway(String reason) {
        synchronized (lock) {
            if (stopping || turnedAway++ > 0) {
                return;
            }
            troubles.begin(ROOM, reason);
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
            entering.forEach(Channel::close);
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
