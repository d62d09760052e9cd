package io.monitoringhub.ingest;

import java.util.ArrayList;
import java.util.List;
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

    private static final UUID NOBODY = new UUID(0, 0);

    private final UUID id;
    private final ReentrantLock turn = new ReentrantLock();
    /** Lines that came in, those of a pass that still decodes among them. */
    private long taken;
    /** Lines that are in frames which have left for the log, or were refused: what frames can settle. */
    private long handedOver;
    private long settled;
    private int framesUnderWay;
    private boolean failing;
    private long lastUsed;
    private Optional<LineSession> live = Optional.empty();
    /** Sessions that another one has replaced, and the last line of theirs that is under way. Empty when no frame is. */
    private final List<Acknowledgement> replaced = new ArrayList<>();

    Client(UUID id, long settled) {
        this.id = id;
        this.taken = settled;
        this.handedOver = settled;
        this.settled = settled;
    }

    /** One that nobody will ask for again: it lives as long as its only session. */
    static Client passing() {
        return new Client(NOBODY, 0);
    }

    UUID id() {
        return id;
    }

    /** Whether the log has to say which of its lines it holds. */
    boolean isRemembered() {
        return !id.equals(NOBODY);
    }

    /** Held by the connection whose lines are being taken; for the time of one decoding pass. */
    ReentrantLock turn() {
        return turn;
    }

    /**
     * Makes a session the only one that speaks for this client.
     *
     * @param next the number of the session's first line
     * @return the session that did so before: nothing more may be taken of it, and {@link #endings} says when it can be closed
     */
    synchronized Optional<LineSession> fence(LineSession session, long next) {
        Optional<LineSession> before = live.filter(other -> other != session);
        before.ifPresent(other -> replaced.add(new Acknowledgement(other, handedOver)));
        live = Optional.of(session);
        if (next - 1 > taken) {
            // An earlier life of this hub has acknowledged what lies between.
            taken = next - 1;
            handedOver = taken;
            if (framesUnderWay == 0) {
                settled = taken;
            }
        }
        return before;
    }

    /**
     * The same, but only if no session speaks for this client.
     *
     * @return whether the session does now
     */
    synchronized boolean beginIfAlone(LineSession session, long next) {
        return live.isEmpty() && fence(session, next).isEmpty();
    }

    /** The log says that these lines are settled. */
    synchronized void settledBefore(long number) {
        settled = Math.max(settled, number);
        taken = Math.max(taken, number);
        handedOver = Math.max(handedOver, number);
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
        replaced.removeIf(other -> other.session() == session);
    }

    /** The replaced sessions of which nothing is under way any more, each to be sent its last acknowledgement and closed. */
    synchronized List<Acknowledgement> endings() {
        if (replaced.isEmpty()) {
            return List.of();
        }
        List<Acknowledgement> ended = replaced.stream().filter(other -> other.number() <= settled || framesUnderWay == 0).toList();
        replaced.removeAll(ended);
        // Less than it has brought, if a frame was lost.
        return ended.stream().map(other -> new Acknowledgement(other.session(), Math.min(other.number(), settled))).toList();
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

    /** A frame goes to the log that settles all lines of this client up to this number. */
    synchronized void frameLeft(long lastNumber) {
        framesUnderWay++;
        handedOver = Math.max(handedOver, lastNumber);
    }

    /** A frame is durable that settles all lines up to this number. */
    synchronized Optional<Acknowledgement> frameDurable(long lastNumber) {
        framesUnderWay--;
        if (!failing) {
            // Not what was taken: those lines may still be in a pass, and no frame holds them.
            settled = Math.max(settled, framesUnderWay == 0 ? Math.max(handedOver, lastNumber) : lastNumber);
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

    /**
     * A pass has ended: every line that was taken is in a frame that has left, or was refused.
     *
     * @return what can be acknowledged without waiting for a frame; empty when there is nothing new, or one under way will do it
     */
    synchronized Optional<Acknowledgement> passEnded() {
        handedOver = taken;
        if (framesUnderWay > 0 || settled == taken) {
            return Optional.empty();
        }
        settled = taken;
        return acknowledgement();
    }

    /** A pass did not get to its end: what no frame holds was not taken. */
    synchronized void passFailed() {
        taken = handedOver;
    }

    /** What is settled, for whom. */
    synchronized Optional<Acknowledgement> acknowledgement() {
        return live.map(session -> new Acknowledgement(session, settled));
    }

    private void endFailure() {
        if (failing && framesUnderWay == 0) {
            failing = false;
            taken = settled;
            handedOver = settled;
        }
    }

    /** To whom, up to which number. */
    record Acknowledgement(LineSession session, long number) {
        void send() {
            session.acknowledge(number);
        }
    }
}
