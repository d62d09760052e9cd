package io.monitoringhub.plugin.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of all bodies in memory. Thread-safe. */
final class BodyBudget {

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    BodyBudget(long most) {
        this.most = most;
    }

    /** @return whether there was so much left; it is then to be given back */
    boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= most) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
