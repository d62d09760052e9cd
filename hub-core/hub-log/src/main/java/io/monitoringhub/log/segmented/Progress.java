package io.monitoringhub.log.segmented;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How far the log is durable, and those who wait for more. Thread-safe. */
final class Progress {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long durable;
    private volatile boolean isClosed;

    /** A reader's wish to be woken; guarded by the lock. */
    static final class Wake {
        private boolean isWanted;
    }

    Progress(long durable) {
        this.durable = durable;
    }

    long durable() {
        return durable;
    }

    boolean isClosed() {
        return isClosed;
    }

    void publish(long offset) {
        lock.lock();
        try {
            durable = offset;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether an entry at or after a position is durable, waiting for it for a time; false after a wake-up or when the log closes. */
    boolean await(long position, Duration limit, Wake wake) throws InterruptedException {
        long left = TimeUnit.NANOSECONDS.convert(limit);
        lock.lockInterruptibly();
        try {
            while (position >= durable && !wake.isWanted && !isClosed && left > 0) {
                left = changed.awaitNanos(left);
            }
            boolean isWoken = wake.isWanted;
            wake.isWanted = false;
            return position < durable && !isWoken && !isClosed;
        } finally {
            lock.unlock();
        }
    }

    void wake(Wake wake) {
        lock.lock();
        try {
            wake.isWanted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
