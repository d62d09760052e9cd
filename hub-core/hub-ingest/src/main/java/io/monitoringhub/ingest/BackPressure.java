package io.monitoringhub.ingest;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Bounds the bytes on the way to the log by making transports stop reading. Thread-safe, never blocks. */
final class BackPressure {

    private final long pauseAbove;
    private final long resumeBelow;
    private final AtomicLong pending = new AtomicLong();
    private final Queue<LineSession> waiting = new ConcurrentLinkedQueue<>();
    private final LongAdder pauses = new LongAdder();

    BackPressure(IngestSettings settings) {
        this.pauseAbove = settings.pauseAboveBytes();
        this.resumeBelow = settings.resumeBelowBytes();
    }

    void add(int bytes) {
        pending.addAndGet(bytes);
    }

    void remove(int bytes) {
        if (pending.addAndGet(-bytes) < resumeBelow) {
            resumeWaiting();
        }
    }

    /**
     * Tells whether a session may go on reading; one that may not is resumed later.
     *
     * @return {@code false} when it must wait for {@link LineSession#resume()}
     */
    boolean mayRead(LineSession session) {
        if (pending.get() <= pauseAbove) {
            return true;
        }
        pauses.increment();
        waiting.add(session);
        if (pending.get() < resumeBelow) {
            // The log caught up before the session stood in the queue.
            resumeWaiting();
        }
        return false;
    }

    private void resumeWaiting() {
        for (LineSession session = waiting.poll(); session != null; session = waiting.poll()) {
            session.resume();
        }
    }

    long pendingBytes() {
        return pending.get();
    }

    long pauses() {
        return pauses.sum();
    }
}
