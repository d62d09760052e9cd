package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Loss;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way to one backend: a bounded queue, and the thread that takes batches from it and tries each until it is taken. Any thread offers and asks; the
 * backend is the thread's alone. Thread-safe.
 */
final class Lane {

    private static final int MOST_REFUSED_ALONE = 5;

    private final Backend backend;
    private final Limits limits;
    private final Counters counters;
    private final Runnable settled;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Under the lock.
    private final LineQueue queue;
    private final Deque<Batch> parts = new ArrayDeque<>();
    private int flushes;
    private long nudges;
    private boolean isEnding;
    private boolean isClosed;
    private BackendResult.State state = BackendResult.State.WAITING;
    private long delivered;
    private long rejected;
    private long dropped;
    private long batches;
    private long failures;
    private String lastError = "";
    // The thread's own.
    private int failuresInARow;
    private int refusedAlone;

    /** {@code settled} is called when the number of delivered messages has grown. */
    Lane(String source, Backend backend, UUID client, Limits limits, Counters counters, Runnable settled) {
        this.backend = backend;
        this.limits = limits;
        this.queue = new LineQueue(client, limits);
        this.counters = counters;
        this.settled = settled;
        thread = new Thread(this::run, "monitoring-sdk-" + source + "-" + backend.name());
        thread.setDaemon(true);
    }

    String name() {
        return backend.name();
    }

    void start() {
        thread.start();
    }

    /** Takes a line, or counts it as lost. */
    void offer(long number, byte[] line) {
        lock.lock();
        try {
            if (isClosed || !queue.offer(number, line)) {
                dropped++;
                counters.lose(isClosed ? Loss.CLOSED : Loss.BUFFER_FULL, 1);
                return;
            }
            if (queue.size() == 1 || queue.size() == limits.batch()) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    BackendResult result() {
        lock.lock();
        try {
            return new BackendResult(state, delivered, rejected, waiting(), dropped, batches, failures, lastError);
        } finally {
            lock.unlock();
        }
    }

    private int waiting() {
        return queue.size() + parts.stream().mapToInt(Batch::size).sum();
    }

    boolean isFull() {
        lock.lock();
        try {
            return queue.size() >= limits.queue();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the backend has everything or has failed once more, up to this moment; whether it has everything. */
    boolean flush(long until) throws InterruptedException {
        lock.lock();
        try {
            long failuresBefore = failures;
            flushes++;
            nudges++;
            changed.signalAll();
            try {
                while (waiting() > 0 && failures == failuresBefore && thread.isAlive()) {
                    if (changed.awaitNanos(until - System.nanoTime()) <= 0) {
                        return waiting() == 0;
                    }
                }
                return waiting() == 0;
            } finally {
                flushes--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** From now on nothing is tried twice. */
    void end() {
        lock.lock();
        try {
            isEnding = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the thread up to this moment, then takes it away from what it does; what is left is lost and counted. */
    void join(long until, Duration grace) throws InterruptedException {
        long left = until - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.timedJoin(thread, left);
        }
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join(Math.max(1, grace.toMillis()));
        }
    }

    /** Nothing is taken any more, and what waits is lost. */
    void abandon() {
        lock.lock();
        try {
            isClosed = true;
            int left = waiting();
            dropped += left;
            counters.lose(Loss.NOT_SPOOLED, left);
            queue.clear();
            parts.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // --- the thread ---

    private void run() {
        try {
            while (form() && deliver()) {
                // One batch after the other.
            }
        } catch (InterruptedException e) {
            counters.error(name() + ": ended before everything was delivered");
        } finally {
            abandon();
            backend.close();
        }
    }

    /** Waits for the next batch; false at the end. */
    private boolean form() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (queue.size() == 0 && !isEnding) {
                changed.await();
            }
            long until = System.nanoTime() + limits.linger().toNanos();
            while (queue.size() < limits.batch() && !isEnding && flushes == 0 && changed.awaitNanos(until - System.nanoTime()) > 0) {
                // More may have come.
            }
            if (queue.size() == 0) {
                return false;
            }
            parts.add(queue.take());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Until nothing of the batch is left; false if at the end something of it would have to be tried again. */
    private boolean deliver() throws InterruptedException {
        while (true) {
            Batch part;
            boolean isLast;
            long nudged;
            lock.lockInterruptibly();
            try {
                part = parts.peek();
                isLast = isEnding;
                nudged = nudges;
            } finally {
                lock.unlock();
            }
            if (part == null) {
                return true;
            }
            try {
                written(part, write(part));
            } catch (DeliveryException e) {
                if (e.kind() == DeliveryException.Kind.REFUSED && part.size() > 1) {
                    halve(part);
                } else {
                    failed(e);
                    if (isLast) {
                        return false;
                    }
                    pause(e, nudged);
                }
            }
        }
    }

    private Backend.Rejections write(Batch part) throws DeliveryException {
        try {
            Backend.Rejections not = backend.write(part);
            if (not.count() < 0 || not.count() > part.size()) {
                throw new IllegalStateException("it rejects " + not.count() + " messages of " + part.size());
            }
            return not;
        } catch (DeliveryException e) {
            if (e.kind() != DeliveryException.Kind.REFUSED || part.size() > 1) {
                throw e;
            }
            if (++refusedAlone > MOST_REFUSED_ALONE) {
                throw DeliveryException.of(DeliveryException.Kind.PERMANENT, e.getMessage() + "; after " + MOST_REFUSED_ALONE
                        + " messages in a row it is the address or the backend that is wrong", e);
            }
            return new Backend.Rejections(1, e.getMessage());
        } catch (RuntimeException bug) {
            // The boundary to a backend's code, which may be anybody's.
            throw DeliveryException.of(DeliveryException.Kind.TRANSIENT, "unexpected: " + bug, bug);
        }
    }

    private void written(Batch part, Backend.Rejections not) {
        lock.lock();
        try {
            if (parts.poll() == null) {
                // Given up, and counted as lost, while the backend was at it.
                return;
            }
            delivered += part.size() - not.count();
            rejected += not.count();
            batches++;
            state = BackendResult.State.OK;
            if (not.count() > 0) {
                lastError = "rejected: " + not.reason();
                counters.refused.addAndGet(not.count());
                counters.error(name() + ": " + lastError);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        failuresInARow = 0;
        refusedAlone = not.count() < part.size() ? 0 : refusedAlone;
        settled.run();
    }

    private void halve(Batch part) {
        lock.lock();
        try {
            if (parts.poll() == null) {
                return;
            }
            parts.addFirst(part.part(part.size() / 2, part.size()));
            parts.addFirst(part.part(0, part.size() / 2));
        } finally {
            lock.unlock();
        }
    }

    private void failed(DeliveryException e) {
        counters.error(name() + ": " + e.getMessage());
        lock.lock();
        try {
            failures++;
            lastError = String.valueOf(e.getMessage());
            state = e.kind() == DeliveryException.Kind.PERMANENT ? BackendResult.State.FAILED : BackendResult.State.RETRYING;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Before the next try; the end, and whoever begins to flush, cut it short. */
    private void pause(DeliveryException e, long nudged) throws InterruptedException {
        long until = System.nanoTime() + limits.pause(failuresInARow++, e).toNanos();
        lock.lockInterruptibly();
        try {
            while (!isEnding && nudges == nudged && changed.awaitNanos(until - System.nanoTime()) > 0) {
                // Something else has changed.
            }
        } finally {
            lock.unlock();
        }
    }
}
