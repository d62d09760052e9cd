package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Loss;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a lane puts into the spool because memory is full or the process ends, and finds there again; and what is lost because it can't. Thread-safe. */
final class Aside {

    /** How often to look for what other processes have left. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String lane;
    private final Optional<BatchSpool> spool;
    private final Counters counters;
    // Under this object's lock.
    private boolean isSpilling;
    private boolean isEnding;
    private long puts;
    private long lookAt = System.nanoTime();
    private long spooled;
    private long dropped;
    private String error = "";

    Aside(String lane, Optional<BatchSpool> spool, Counters counters) {
        this.lane = lane;
        this.spool = spool;
        this.counters = counters;
    }

    /** Whether there are batches there that are older than any that comes now. */
    synchronized boolean isSpilling() {
        return isSpilling;
    }

    synchronized long spooled() {
        return spooled;
    }

    synchronized long dropped() {
        return dropped;
    }

    /** Why the spool could not be used the last time, {@code ""} if it could. */
    synchronized String error() {
        return error;
    }

    /** What is put here from now on is left for the next process. */
    synchronized void end() {
        isEnding = true;
    }

    /** @param count messages of the batch that the backend has not settled @param otherwise what they are if the spool can't take them */
    void put(Batch batch, int count, Loss otherwise) {
        boolean isKept = false;
        String why = "";
        try {
            isKept = spool.isPresent() && spool.get().put(batch);
            why = isKept || spool.isEmpty() ? "" : "the spool is full: raise spoolBytes, or see why the backend is away";
        } catch (IOException e) {
            why = "cannot write to the spool: " + e;
        }
        note(why);
        synchronized (this) {
            error = why;
            if (isKept) {
                spooled += count;
                puts++;
                isSpilling = true;
                (isEnding ? counters.leftInSpool : counters.spooled).addAndGet(count);
            } else {
                dropped += count;
                counters.lose(isEnding ? Loss.NOT_SPOOLED : otherwise, count);
            }
        }
    }

    private void note(String why) {
        if (!why.isEmpty()) {
            counters.error(lane + ": " + why);
        }
    }

    /** How long until there is a reason to look here. */
    synchronized long nanosToLook() {
        return spool.isEmpty() ? Long.MAX_VALUE : isSpilling ? 0 : lookAt - System.nanoTime();
    }

    /** The oldest batch, if there is one that nobody else has. */
    Optional<BatchSpool.Claimed> find() {
        long putsBefore;
        synchronized (this) {
            putsBefore = puts;
        }
        Optional<BatchSpool.Claimed> claimed = Optional.empty();
        String why = "";
        try {
            claimed = spool.isPresent() ? spool.get().take() : claimed;
        } catch (IOException e) {
            why = "cannot read the spool: " + e;
        }
        note(why);
        synchronized (this) {
            error = why.isEmpty() ? error : why;
            lookAt = System.nanoTime() + (claimed.isPresent() ? 0 : LOOK_NANOS);
            // Something may have been put here after the look.
            isSpilling = isSpilling && (claimed.isPresent() || why.isEmpty() && puts != putsBefore);
        }
        return claimed;
    }

    /** It was delivered. */
    void remove(BatchSpool.Claimed claimed) {
        try {
            claimed.remove();
        } catch (IOException e) {
            synchronized (this) {
                error = "cannot remove from the spool what was delivered: " + e;
                rest();
            }
            note(error());
        }
    }

    /** Looks no more for a while. */
    synchronized void rest() {
        isSpilling = false;
        lookAt = System.nanoTime() + LOOK_NANOS;
    }
}
