package io.monitoringhub.sdk.internal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What has happened so far. Thread-safe. */
public final class Counters {

    public final LongAdder messages = new LongAdder();
    public final LongAdder shortened = new LongAdder();
    public final AtomicLong sent = new AtomicLong();
    public final AtomicLong resent = new AtomicLong();
    public final AtomicLong acked = new AtomicLong();
    public final AtomicLong plain = new AtomicLong();
    public final AtomicLong refused = new AtomicLong();
    public final AtomicLong spooled = new AtomicLong();
    public final AtomicLong leftInSpool = new AtomicLong();
    public final AtomicLong spoolFilesSent = new AtomicLong();
    public final AtomicLong connects = new AtomicLong();
    private final LongAdder[] lost = new LongAdder[Loss.values().length];
    private volatile String lastError = "";

    /** All zero. */
    public Counters() {
        for (int i = 0; i < lost.length; i++) {
            lost[i] = new LongAdder();
        }
    }

    /** Counts messages that are gone. */
    public void lose(Loss reason, long count) {
        lost[reason.ordinal()].add(count);
    }

    /** How many are gone for this reason. */
    public long lost(Loss reason) {
        return lost[reason.ordinal()].sum();
    }

    /** Notes what went wrong last. */
    public void error(String what) {
        lastError = what;
    }

    /** What went wrong last, {@code ""} if nothing. */
    public String lastError() {
        return lastError;
    }
}
