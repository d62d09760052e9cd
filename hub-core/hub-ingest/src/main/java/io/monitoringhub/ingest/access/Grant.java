package io.monitoringhub.ingest.access;

import io.monitoringhub.entries.Glob;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What a session was let in with: one token's rights, shared by all who bear it, or nobody's. Thread-safe. */
public final class Grant {

    /** A rate can be changed while somebody waits. */
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService timer;
    private final LongAdder lines = new LongAdder();
    private volatile List<String> sources = List.of();
    private volatile Optional<RateLimit> rate = Optional.empty();
    private volatile boolean isRevoked;

    /** One that limits nothing. */
    Grant(String name, LongSupplier nanoTime, ScheduledExecutorService timer) {
        this.name = name;
        this.nanoTime = nanoTime;
        this.timer = timer;
    }

    /** The token's name; empty without a token. */
    public String name() {
        return name;
    }

    /** Holds for open sessions, too. */
    void limit(TokenSettings token) {
        sources = token.sources();
        long perSecond = token.rate().orElse(0);
        if (perSecond != rate.map(RateLimit::perSecond).orElse(0L)) {
            rate = perSecond == 0 ? Optional.empty() : Optional.of(new RateLimit(perSecond, nanoTime.getAsLong()));
        }
    }

    void revoke() {
        isRevoked = true;
    }

    /** Whether nobody may go on with it. */
    public boolean isRevoked() {
        return isRevoked;
    }

    /** Whether every source is allowed. */
    public boolean allowsAll() {
        return sources.isEmpty();
    }

    /** Whether messages of this source may come. */
    public boolean allows(String source) {
        List<String> allowed = sources;
        return allowed.isEmpty() || allowed.stream().anyMatch(glob -> Glob.matches(glob, source));
    }

    /** Lines have come in. */
    public void spend(long count) {
        lines.add(count);
        rate.ifPresent(limit -> limit.spend(count, nanoTime.getAsLong()));
    }

    /** Lines that came in so far. */
    public long lines() {
        return lines.sum();
    }

    /** How long until more may come; zero if it may now. */
    public Duration untilRoom() {
        return rate.map(limit -> limit.untilRoom(nanoTime.getAsLong())).orElse(Duration.ZERO);
    }

    /**
     * Whether more may come now.
     *
     * @param resume called once there is room, if there is none now
     */
    public boolean hasRoom(Runnable resume) {
        if (rate.isEmpty()) {
            return true;
        }
        long wait = isRevoked ? 0 : untilRoom().toNanos();
        if (wait > 0) {
            resumeAfter(wait, resume);
        }
        return wait == 0;
    }

    private void resumeAfter(long nanos, Runnable resume) {
        try {
            timer.schedule(() -> {
                if (hasRoom(resume)) {
                    resume.run();
                }
            }, Math.min(nanos, LONGEST_WAIT_NANOS), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopping) {
            // The hub ends, and with it every session.
        }
    }
}
