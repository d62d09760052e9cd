package io.monitoringhub.ingest;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where an acknowledged client's numbering stands. Outlives its connections.
 *
 * <p>Thread-safe: connections count lines, the log's thread settles frames. A connection holds {@link #turn()} from its first line to the
 * append of what it took, so that a newer connection of the same client can't overtake it.
 */
final class Client {

    private final UUID id;
    private final ReentrantLock turn = new ReentrantLock();
    private long taken;
    private long settled;
    private int framesUnderWay;
    private boolean failing;
    private long lastUsed;
    private Optional<LineSession> live = Optional.empty();

    Client(UUID id, long settled) {
        this.id = id;
        this.taken = settled;
        this.settled = settled;
    }

    UUID id() {
        return id;
    }

    /** Held by the connection whose lines are being taken; for the time of one decoding pass. */
    ReentrantLock turn() {
        return turn;
    }

    /**
     * Makes a session the only one that speaks for this client.
     *
     * @param next the number of the session's first line
     * @return the session that did so before, to be closed
     */
    synchronized Optional<LineSession> fence(LineSession session, long next) {
        Optional<LineSession> before = live.filter(other -> other != session);
        live = Optional.of(session);
        if (next - 1 > taken) {
            // An earlier life of this hub has acknowledged what lies between.
            taken = next - 1;
            if (framesUnderWay == 0) {
                settled = taken;
            }
        }
        return before;
    }

    /** The log says that these lines are settled. */
    synchronized void settledBefore(long number) {
        settled = Math.max(settled, number);
        taken = Math.max(taken, number);
    }

    synchronized void used(long unixMillis) {
        lastUsed = Math.max(lastUsed, unixMillis);
    }

    /** When it was last heard of, in Unix milliseconds. */
    synchronized long lastUsed() {
        return lastUsed;
    }

    synchronized ClientCheckpoint.Entry checkpointEntry() {
        return new ClientCheckpoint.Entry(id, settled, lastUsed);
    }

    synchronized boolean isLive(LineSession session) {
        return live.isPresent() && live.get() == session;
    }

    /** The session has ended. */
    synchronized void leave(LineSession session) {
        if (isLive(session)) {
            live = Optional.empty();
        }
    }

    synchronized boolean isIdle() {
        return live.isEmpty() && framesUnderWay == 0;
    }

    /** All lines up to this number are in the log or were refused. */
    synchronized long settled() {
        return settled;
    }

    /**
     * Counts a line as taken.
     *
     * @return {@code false} when the hub has it already
     */
    synchronized boolean take(long number) {
        if (number <= taken) {
            return false;
        }
        taken = number;
        return true;
    }

    /** A frame with lines of this client goes to the log. */
    synchronized void frameLeft() {
        framesUnderWay++;
    }

    /** A frame is durable that settles all lines up to this number. */
    synchronized Optional<Acknowledgement> frameDurable(long lastNumber) {
        framesUnderWay--;
        if (!failing) {
            settled = Math.max(settled, framesUnderWay == 0 ? taken : lastNumber);
        }
        endFailure();
        return acknowledgement();
    }

    /** A frame is lost. Nothing behind it may be acknowledged: the client has to send again from there. */
    synchronized Optional<LineSession> frameFailed() {
        framesUnderWay--;
        failing = true;
        Optional<LineSession> cutOff = live;
        live = Optional.empty();
        endFailure();
        return cutOff;
    }

    /** Lines were taken that need no frame because all of them were refused. Empty when a frame under way will acknowledge them. */
    synchronized Optional<Acknowledgement> settleRefused() {
        if (framesUnderWay > 0 || settled == taken) {
            return Optional.empty();
        }
        settled = taken;
        return acknowledgement();
    }

    /** What is settled, for whom. */
    synchronized Optional<Acknowledgement> acknowledgement() {
        return live.map(session -> new Acknowledgement(session, settled));
    }

    private void endFailure() {
        if (failing && framesUnderWay == 0) {
            failing = false;
            taken = settled;
        }
    }

    /** To whom, up to which number. */
    record Acknowledgement(LineSession session, long number) {
        void send() {
            session.acknowledge(number);
        }
    }
}
