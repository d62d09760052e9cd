package io.monitoringhub.sdk.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The hand-over from the application's threads to the sender thread. Nobody waits in here: there is no lock that a thread which has lost
 * its processor could hold. Any thread offers; the sender alone takes. Thread-safe.
 */
final class Inbox {

    /** So many waiting bytes are worth waking a sender that is still collecting. */
    private static final int WAKE_BYTES = 65_536;

    private final ConcurrentLinkedQueue<byte[]> lines = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final long maxBytes;
    private final int maxHeld;
    private final Runnable wake;
    private volatile boolean closed;

    /** At most {@code maxBytes} wait here, and at most {@code maxHeld} lines are anywhere in memory. */
    Inbox(long maxBytes, int maxHeld, Runnable wake) {
        this.maxBytes = maxBytes;
        this.maxHeld = maxHeld;
        this.wake = wake;
    }

    /** Takes a line, or says why not: {@link Loss#CLOSED} or {@link Loss#BUFFER_FULL}; null when it was taken. */
    Loss offer(byte[] line) {
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
        return null;
    }

    /** The next line, or null. */
    byte[] poll() {
        byte[] line = lines.poll();
        if (line != null) {
            bytes.addAndGet(-line.length);
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

    boolean isEmpty() {
        return lines.isEmpty();
    }

    long bytes() {
        return bytes.get();
    }

    /** Lines that the sender has got rid of, wherever they were. */
    void release(int count) {
        held.addAndGet(-count);
    }

    /** How many lines are here or on their way. */
    int held() {
        return held.get();
    }

    /** Asks the next one who offers to wake the sender; false if somebody has just offered. */
    boolean sleep() {
        asleep.set(true);
        if (lines.isEmpty()) {
            return true;
        }
        asleep.set(false);
        return false;
    }

    void wakeUp() {
        asleep.set(false);
        wake.run();
    }

    /** From now on nothing is taken. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
