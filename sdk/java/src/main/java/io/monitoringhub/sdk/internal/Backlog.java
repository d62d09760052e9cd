package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The spool files that earlier processes of this source have left. They go one after the other over a connection of their own, as the clients that wrote
 * them, so that a large backlog doesn't hold up what happens now. Used by one thread at a time.
 */
final class Backlog {

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Spool spool;
    private final Counters counters;
    private final Function<SpoolFile, Session> sessions;
    /** Clients whose files somebody else is sending. */
    private final Set<UUID> left = new HashSet<>();
    private Session session;
    private long lookAt = System.nanoTime();
    private long connectsSeen;

    /** {@code sessions} makes the session that sends a file. */
    Backlog(Spool spool, Counters counters, Function<SpoolFile, Session> sessions) {
        this.spool = spool;
        this.counters = counters;
        this.sessions = sessions;
    }

    /** Does what can be done now, with a hub that is there; {@code own} is this process' session. */
    void step(long now, Session own) {
        if (session != null) {
            session.step(now, false);
            if (session.isEmpty()) {
                counters.spoolFilesSent.incrementAndGet();
            } else if (session.isOver()) {
                left.add(session.client());
            } else {
                return;
            }
            leave();
            lookAt = now;
        } else if (counters.connects.get() != connectsSeen) {
            lookAt = now;
        }
        if (now - lookAt >= 0) {
            look(now, own);
        }
        connectsSeen = counters.connects.get();
    }

    private void look(long now, Session own) {
        lookAt = now + LOOK_NANOS;
        try {
            Spool.Claim claim = spool.claim(own.client(), left);
            if (claim.isWorthAnother()) {
                lookAt = now + LOOK_AGAIN_NANOS;
            }
            claim.file().ifPresent(file -> {
                session = sessions.apply(file);
                session.expectWhatIsKnownTo(own);
                session.step(now, true);
            });
        } catch (IOException e) {
            counters.error("cannot read the spool: " + e);
        }
    }

    /** Whether there is something to do that may get done. */
    boolean isBusy(long now) {
        return session == null ? now - lookAt >= 0 : !session.isDown();
    }

    /** The next moment at which something is due without the network saying so. */
    long dueAt(long never) {
        return session == null ? lookAt : session.dueAt(never);
    }

    /** Ends; a file that is not wholly confirmed is left to whoever comes next. */
    void leave() {
        if (session != null) {
            session.leave();
            session = null;
        }
    }
}
