package io.monitoringhub.sdk.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The hand-over from the application's threads to the sender thread. There is no lock in here that a thread which has lost its processor could hold.
 * Any thread offers; the sender alone takes. Thread-safe.
 *
 * <p>A loop that does nothing but log can make more lines than any disk takes, mostly because it leaves the sender no processor. So when half of the
 * room is used and the sender has taken something of late, a call pauses for a tenth of a millisecond, once. A sender that has stopped is not waited
 * for.
 */
public final class Inbox {

    /** So many waiting bytes are worth waking a sender that is still collecting. */
    private static final int WAKE_BYTES = 65_536;
    /** What a call waits at most for a sender that falls behind but goes on. */
    private static final long BREATH_NANOS = 100_000;
    private static final long GOES_ON_NANOS = 250_000_000;

    private final ConcurrentLinkedQueue<byte[]> lines = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final long maxBytes;
    private final int maxHeld;
    private final Runnable wake;
    private volatile boolean closed;
    private volatile long tookAt = System.nanoTime();

    /** At most {@code maxBytes} wait here, and at most {@code maxHeld} lines are anywhere in memory. */
    public Inbox(long maxBytes, int maxHeld, Runnable wake) {
        this.maxBytes = maxBytes;
        this.maxHeld = maxHeld;
        this.wake = wake;
    }

    /** Takes a line, or says why not: {@link Loss#CLOSED} or {@link Loss#BUFFER_FULL}; null when it was taken. */
    public Loss offer(byte[] line) {
        if (closed) {
            return Loss.CLOSED;
        }
        long waiting = bytes.addAndGet(line.length);
        if (waiting > maxBytes || held.incrementAndGet() > maxHeld) {
            if (waiting <= maxBytes) {
                held.decrementAndGet();
            }
            bytes.addAndGet(-line.length);
            return Loss.BUFFER_FULL;
        }
        lines.add(line);
        // The sender may have looked for the last time between the two: then it is ours to take back. Arrays are equal only to themselves.
        if (closed && lines.remove(line)) {
            return Loss.CLOSED;
        }
        if (asleep.get() && asleep.compareAndSet(true, false) || waiting >= WAKE_BYTES && waiting - line.length < WAKE_BYTES) {
            wake.run();
        }
        if (waiting > maxBytes / 2) {
            breathe(waiting - line.length <= maxBytes / 2);
        }
        return null;
    }

    private void breathe(boolean isFirst) {
        long now = System.nanoTime();
        if (isFirst) {
            tookAt = now;
        }
        if (now - tookAt < GOES_ON_NANOS) {
            LockSupport.parkNanos(this, BREATH_NANOS);
        }
    }

    /** The next line, or null. */
    public byte[] poll() {
        byte[] line = lines.poll();
        if (line != null) {
            long left = bytes.addAndGet(-line.length);
            if (left > maxBytes / 4) {
                tookAt = System.nanoTime();
            }
        }
        return line;
    }

    /** The next lines, which stay; as many as these bytes hold. */
    List<byte[]> peek(long most) {
        List<byte[]> next = new ArrayList<>();
        long left = most;
        for (byte[] line : lines) {
            left -= line.length;
            if (left < 0) {
                break;
            }
            next.add(line);
        }
        return next;
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** How many lines wait; takes as long as counting them. */
    public int size() {
        return lines.size();
    }

    long bytes() {
        return bytes.get();
    }

    /** Lines that the sender has got rid of, wherever they were. */
    public void release(int count) {
        held.addAndGet(-count);
    }

    /** How many lines are here or on their way. */
    public int held() {
        return held.get();
    }

    /** Asks the next one who offers to wake the sender; false if somebody has just offered. */
    public boolean sleep() {
        asleep.set(true);
        if (lines.isEmpty()) {
            return true;
        }
        asleep.set(false);
        return false;
    }

    /** Wakes the sender now. */
    public void wakeUp() {
        asleep.set(false);
        wake.run();
    }

    /** From now on nothing is taken. */
    public void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
