package io.monitoringhub.log.segmented;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import io.monitoringhub.log.Append;

/**
 * Takes frames from any thread and brings them to disk on one of its own, {@code hub-log-writer}. Thread-safe.
 *
 * <p>The thread takes everything that waits, writes it, forces once, and only then tells anybody: that is the group commit. No timer is
 * involved: what arrives during a force shares the next one, and a frame that comes alone is on its way at once. When writing fails, or
 * there is no room, nothing is given up: the frames keep their offsets and their place, {@link #pendingBytes} stays high so that senders
 * are held back, and the thread tries again until it works or the log is closed.
 */
final class Appender {

    private static final long MAX_BATCH_BYTES = 8 << 20;
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;
    private static final String OK = "ok";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Pending> queue = new ArrayDeque<>();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final SegmentWriter writer;
    private final Retention retention;
    private final Progress progress;
    private final Counters counters;
    private final LogEvents events;
    private final Duration closeLimit;
    private final Thread thread;
    private boolean isClosing;
    private boolean isWoken;
    private long closeBy;
    private volatile long end;
    private volatile String condition = OK;

    Appender(SegmentWriter writer, Retention retention, Progress progress, Counters counters, LogEvents events, Duration closeLimit) {
        this.writer = writer;
        this.retention = retention;
        this.progress = progress;
        this.counters = counters;
        this.events = events;
        this.closeLimit = closeLimit;
        this.end = progress.durable();
        this.thread = new Thread(this::run, "hub-log-writer");
    }

    void start() {
        thread.start();
    }

    void append(Append frame) {
        ByteBuffer payload = frame.payload().duplicate();
        int count = frame.count();
        if (payload.remaining() < 1 || payload.remaining() > FrameFormat.MAX_PAYLOAD || count < 1) {
            throw new IllegalArgumentException("a frame has 1 to " + FrameFormat.MAX_PAYLOAD + " bytes and at least one entry, not "
                    + payload.remaining() + " bytes and " + count);
        }
        lock.lock();
        try {
            if (isClosing) {
                throw new IllegalStateException("the log is closed");
            }
            queue.add(new Pending(frame, payload, count, end));
            end += count;
            pendingBytes.addAndGet(payload.remaining());
            if (queue.size() == 1) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    long end() {
        return end;
    }

    String condition() {
        return condition;
    }

    /** There may be room now: try at once. Costs nothing when nothing is stuck. */
    void retry() {
        if (!condition.equals(OK)) {
            lock.lock();
            try {
                isWoken = true;
                changed.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Settles everything, as far as it can be settled within the limit, and ends the thread. */
    void close() {
        lock.lock();
        try {
            isClosing = true;
            closeBy = System.nanoTime() + closeLimit.toNanos();
            changed.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<Pending> batch = new ArrayList<>();
        try {
            while (take(batch)) {
                if (!settle(batch)) {
                    break;
                }
                batch.clear();
            }
        } catch (RuntimeException | Error e) {
            condition = "the log's thread died: " + e;
            events.writerDied(e);
            failAll(batch, new IOException(condition, e));
            throw e;
        }
    }

    /** Takes what waits, up to a limit; false when the log is closing and nothing waits. */
    private boolean take(List<Pending> batch) {
        lock.lock();
        try {
            while (queue.isEmpty() && !isClosing) {
                changed.awaitUninterruptibly();
            }
            long bytes = 0;
            while (!queue.isEmpty() && (batch.isEmpty() || bytes + queue.peek().bytes() <= MAX_BATCH_BYTES)) {
                bytes += queue.peek().bytes();
                batch.add(queue.poll());
            }
            return !batch.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Writes until everything is durable; false when it had to be given up because the log is closing. */
    private boolean settle(List<Pending> batch) {
        long pauseMs = FIRST_PAUSE_MS;
        while (!batch.isEmpty()) {
            Thread.interrupted();
            try {
                long room = retention.roomFor(batch.get(0).bytes());
                Segment before = writer.segment();
                int written = writer.write(batch, 0, room);
                unblock();
                publish(batch.subList(0, written));
                batch.subList(0, written).clear();
                if (writer.segment() != before) {
                    retention.maintain();
                }
                pauseMs = FIRST_PAUSE_MS;
            } catch (IOException e) {
                block(e);
                if (!pause(pauseMs)) {
                    failAll(batch, e);
                    return false;
                }
                pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
            }
        }
        return true;
    }

    private void publish(List<Pending> written) {
        long entries = 0;
        long bytes = 0;
        for (Pending frame : written) {
            entries += frame.count();
            bytes += frame.payloadBytes();
        }
        counters.frames.addAndGet(written.size());
        counters.entries.addAndGet(entries);
        counters.bytes.addAndGet(bytes);
        progress.publish(written.get(written.size() - 1).next());
        pendingBytes.addAndGet(-bytes);
        for (Pending frame : written) {
            tell(() -> frame.append().durable(frame.base()));
        }
    }

    /** Someone else's code: its bugs must not stop the log. */
    private void tell(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            events.callbackFailed(e);
        }
    }

    private void block(IOException cause) {
        String reason = cause instanceof LogFullException ? cause.getMessage()
                : "the log can't be written: " + cause + "; it is tried again";
        boolean isNew = !reason.equals(condition);
        condition = reason;
        if (isNew) {
            events.blocked(reason, cause);
        }
    }

    private void unblock() {
        if (!condition.equals(OK)) {
            String reason = condition;
            condition = OK;
            events.unblocked(reason);
        }
    }

    /** Waits before the next attempt; false when the log is closing and has waited long enough. */
    private boolean pause(long pauseMs) {
        long left = TimeUnit.MILLISECONDS.toNanos(pauseMs);
        lock.lock();
        try {
            while (left > 0 && !isWoken) {
                if (isClosing) {
                    left = Math.min(left, closeBy - System.nanoTime());
                    if (left <= 0) {
                        return false;
                    }
                }
                left = changed.awaitNanos(left);
            }
            isWoken = false;
            return !isClosing || closeBy - System.nanoTime() > 0;
        } catch (InterruptedException e) {
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void failAll(List<Pending> batch, IOException cause) {
        lock.lock();
        try {
            isClosing = true;
            batch.addAll(queue);
            queue.clear();
        } finally {
            lock.unlock();
        }
        for (Pending frame : batch) {
            pendingBytes.addAndGet(-frame.payloadBytes());
            tell(() -> frame.append().failed(cause));
        }
    }
}
