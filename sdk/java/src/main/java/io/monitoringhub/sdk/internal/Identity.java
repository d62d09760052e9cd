package io.monitoringhub.sdk.internal;

import java.util.UUID;

/**
 * The client id under which a session's lines go, and what becomes of it when the hub says {@code fenced}: that another connection has it; or when it
 * has more lines of this client than were sent here.
 *
 * <p>That other one may be a connection which was given up here, and which the hub has only now got to: then the id is good once more. Else it is
 * somebody else's: this process goes on under a new id, and the spool file of another process is left to them. Used by one thread at a time; the id may
 * be read by any.
 */
final class Identity {

    private final boolean isOwn;
    private volatile UUID client;
    private boolean isFenced;
    private boolean isLeftOpen;
    private boolean isOver;

    /** {@code isOwn}: of this process, not that of a file which an earlier one has left. */
    Identity(UUID client, boolean isOwn) {
        this.client = client;
        this.isOwn = isOwn;
    }

    UUID client() {
        return client;
    }

    boolean isOwn() {
        return isOwn;
    }

    /** Whether the lines are left to somebody else. */
    boolean isOver() {
        return isOver;
    }

    void fenced() {
        isFenced = true;
    }

    /** The hub has lines of this client that were not sent here: whoever sent them has the id. */
    void taken() {
        isFenced = true;
        isLeftOpen = false;
    }

    /** A connection has ended, {@code wasUp} if it was one already, {@code gaveUp} if not by the hub; returns whether there is a new id now. */
    boolean connectionEnded(boolean wasUp, boolean gaveUp) {
        boolean isLost = isFenced && !isLeftOpen;
        isFenced = false;
        isLeftOpen = wasUp ? gaveUp : isLeftOpen;
        isOver |= isLost && !isOwn;
        if (isLost && isOwn) {
            client = UUID.randomUUID();
        }
        return isLost && isOwn;
    }
}
