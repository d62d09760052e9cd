package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Loss;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One way out: batches that wait for a backend, or for a failover group, and the thread that delivers them. The dispatcher forms batches and offers
 * them; the thread takes the oldest, tries it until it is delivered, and then looks into the spool. Once something had to be spooled, later batches
 * follow it there until it is empty, so that the order holds. Thread-safe; {@link #take}, {@link #offer} and {@link #left} are for the dispatcher.
 */
final class Lane {

    private static final long MOST_QUEUE_BYTES = 16 << 20;
    /** How long a backend may take to close. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final String name;
    private final String source;
    private final UUID client;
    private final Target target;
    private final BackendOptions options;
    private final Aside aside;
    private final BackOff backOff;
    private final Counters counters;
    private final Clock clock;
    private final Runnable settled;
    private final Thread thread;
    private final Forming forming;
    // Under this object's lock.
    private final Deque<Batch> queue = new ArrayDeque<>();
    private int queued;
    private long queuedBytes;
    private Job job;
    private long nudges;
    private long failedTries;
    private boolean isEnding;
    private long endAt;
    private boolean isStowed;
    /** The rest has been put aside: what {@code isStowed} announces. */
    private final CountDownLatch stowed = new CountDownLatch(1);
    // The thread's own.
    private long triedNudges;

    /** How things stood when a try began. Immutable. */
    private record Try(Batch part, long nudges, boolean isLast, boolean isUrgent) {
    }

    /** {@code settled} is called when the number of delivered messages has grown. */
    Lane(String name, Target target, BackendOptions options, DirectSettings settings, UUID client, Counters counters, Runnable settled) {
        this.name = name;
        this.source = settings.source();
        this.client = client;
        this.target = target;
        this.options = options;
        this.aside = new Aside(name, settings.spool().map(place -> new BatchSpool(place, settings.source(), name, settings.clock())), counters);
        this.backOff = new BackOff(settings.backoffMin(), settings.backoffMax());
        this.counters = counters;
        this.clock = settings.clock();
        this.settled = settled;
        this.forming = new Forming(options);
        thread = new Thread(this::run, "monitoring-sdk-" + settings.source() + "-" + name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    // --- the dispatcher ---

    /** Lines that follow each other, numbered from {@code first} on. */
    void take(long first, List<byte[]> lines, long now) {
        long number = first;
        for (byte[] line : lines) {
            if (!forming.hasRoom(line)) {
                offer();
            }
            forming.add(number++, line, now);
        }
    }

    /** How long the batch that is being formed still waits. */
    synchronized long left(long now) {
        return forming.left(!queue.isEmpty() || aside.isSpilling(), now);
    }

    /** What has been formed becomes a batch, and waits in memory, or in the spool. */
    void offer() {
        Optional<Batch> formed = forming.take(source, client, clock.instant());
        if (formed.isEmpty()) {
            return;
        }
        if (!isQueued(formed.get())) {
            aside.put(formed.get(), formed.get().size(), Loss.BUFFER_FULL);
        }
        forming.handedOver();
        signal();
    }

    private synchronized boolean isQueued(Batch batch) {
        long bytes = batch.bytes();
        boolean fits = queue.isEmpty() || queued + batch.size() <= options.queue() && queuedBytes + bytes <= MOST_QUEUE_BYTES;
        if (!fits || isStowed || aside.isSpilling()) {
            return false;
        }
        queue.add(batch);
        queued += batch.size();
        queuedBytes += bytes;
        return true;
    }

    private synchronized void signal() {
        notifyAll();
    }

    // --- any thread ---

    Target target() {
        return target;
    }

    BackendResult result(Destination destination) {
        return destination.result(waiting(), aside.spooled(), aside.dropped(), aside.error());
    }

    long delivered() {
        return target.destinations().stream().mapToLong(Destination::delivered).sum();
    }

    synchronized int waiting() {
        return forming.size() + queued + (job == null ? 0 : job.left());
    }

    boolean isFull() {
        return aside.isSpilling() || waiting() >= options.queue();
    }

    /** Ends a pause between tries. @return how many have failed until now */
    synchronized long nudge() {
        nudges++;
        notifyAll();
        return failedTries;
    }

    /** Waits until the backend has all up to this number or more tries have failed, up to this moment; whether it has it. */
    synchronized boolean awaitSafe(long last, long failedBefore, long until) throws InterruptedException {
        long left = until - System.nanoTime();
        while (!isSafe(last) && failedTries == failedBefore && thread.isAlive() && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = until - System.nanoTime();
        }
        return isSafe(last);
    }

    private boolean isSafe(long last) {
        boolean hasJob = job != null && (job.claimed().isPresent() || job.batch().first() <= last);
        return !hasJob && (queue.isEmpty() || queue.peek().first() > last) && !forming.has(last) && !aside.isSpilling();
    }

    // --- the thread ---

    private void run() {
        try {
            boolean isOn = true;
            while (isOn) {
                try {
                    isOn = hasNext() && hasDelivered();
                } catch (RuntimeException bug) {
                    // The boundary to the application's process: a bug of ours must not end this thread.
                    giveUp(bug);
                }
            }
        } catch (InterruptedException e) {
            counters.error(name + ": ended before everything was delivered");
        } finally {
            hasStowed(true);
            target.close();
        }
    }

    private void giveUp(RuntimeException bug) {
        counters.error(name + ": unexpected: " + bug);
        Job left;
        synchronized (this) {
            left = job;
            job = null;
        }
        if (left != null && left.claimed().isPresent()) {
            left.claimed().get().release();
        } else if (left != null) {
            aside.put(left.batch(), left.left(), Loss.FAILED);
        }
        aside.rest();
    }

    /** Waits for the next job; false at the end. */
    private boolean hasNext() throws InterruptedException {
        while (!isOver()) {
            synchronized (this) {
                if (!queue.isEmpty()) {
                    Batch batch = queue.remove();
                    queued -= batch.size();
                    queuedBytes -= batch.bytes();
                    job = new Job(batch, Optional.empty());
                    return true;
                }
                long left = aside.nanosToLook();
                if (left > 0) {
                    if (isEnding) {
                        return false;
                    }
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                    continue;
                }
            }
            if (isJob(aside.find())) {
                return true;
            }
        }
        return false;
    }

    private synchronized boolean isOver() {
        return isEnding && System.nanoTime() - endAt >= 0;
    }

    private synchronized boolean isJob(Optional<BatchSpool.Claimed> found) {
        notifyAll();
        if (found.isPresent() && (!queue.isEmpty() || isStowed)) {
            // Offered while the spool was looked through, and what did not fit behind it is what was found there: it comes first.
            found.get().release();
            return false;
        }
        found.ifPresent(claimed -> job = new Job(claimed.batch(), found));
        return found.isPresent();
    }

    /** Until the job is done; false if it is left at the end. */
    private boolean hasDelivered() throws InterruptedException {
        for (Optional<Try> next = nextTry(); next.isPresent(); next = nextTry()) {
            if (isOver() || !hasTried(next.get())) {
                return false;
            }
        }
        finish();
        return true;
    }

    private synchronized Optional<Try> nextTry() {
        Batch part = job == null ? null : job.next();
        Optional<Try> next = Optional.ofNullable(part).map(some -> new Try(some, nudges, isEnding, isEnding || nudges != triedNudges));
        triedNudges = nudges;
        return next;
    }

    private boolean hasTried(Try now) throws InterruptedException {
        try {
            WriteResult result = target.write(now.part, now.isUrgent);
            // First: whoever waits for a flush looks at the statistics next.
            settled.run();
            if (!hasSettled(result)) {
                return false;
            }
            if (result.retry().isEmpty()) {
                backOff.reset();
                return true;
            }
            return isTriedAgain(DeliveryException.later(result.why(), Duration.ZERO), now);
        } catch (DeliveryException e) {
            return e.kind() == DeliveryException.Kind.REFUSED && now.part.size() > 1 ? hasHalved() : isTriedAgain(e, now);
        }
    }

    /** False if the part was put aside while the backend was at it. */
    private synchronized boolean hasSettled(WriteResult result) {
        if (job == null) {
            return false;
        }
        job.settle(result.retry());
        if (result.rejected() > 0) {
            counters.refused.addAndGet(result.rejected());
            counters.error(name + ": rejected: " + result.reason());
        }
        notifyAll();
        return true;
    }

    private synchronized boolean hasHalved() {
        if (job != null) {
            job.halve();
        }
        return job != null;
    }

    /** Waits for the next try, cut short by the end and by whoever begins to flush; false if there will be none. */
    private synchronized boolean isTriedAgain(DeliveryException e, Try before) throws InterruptedException {
        counters.error(name + ": " + e.getMessage());
        failedTries++;
        notifyAll();
        if (before.isLast) {
            return false;
        }
        long until = System.nanoTime() + backOff.pause(e).toNanos();
        long left = until - System.nanoTime();
        while (!isEnding && nudges == before.nudges && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = until - System.nanoTime();
        }
        return true;
    }

    private void finish() {
        Job done;
        synchronized (this) {
            done = job;
        }
        if (done != null && done.claimed().isPresent()) {
            aside.remove(done.claimed().get());
            counters.spoolFilesSent.addAndGet(done.batch().client().equals(client) ? 0 : 1);
        }
        synchronized (this) {
            job = null;
            notifyAll();
        }
    }

    // --- the end ---

    /** From now on nothing is tried twice, and nothing at all after this moment. */
    synchronized void end(long at) {
        isEnding = true;
        endAt = at;
        notifyAll();
    }

    /** Waits for the thread up to this moment. */
    void join(long until) throws InterruptedException {
        long left = until - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.timedJoin(thread, left);
        }
    }

    /** Takes the thread away from what it does. */
    void interrupt() {
        thread.interrupt();
    }

    /** After {@link #join}: what a thread that hangs in its backend has not delivered goes into the spool, and may be delivered twice. */
    void leave() throws InterruptedException {
        if (!hasStowed(false) && stowed.await(DirectSender.STOWING.toMillis(), TimeUnit.MILLISECONDS)) {
            thread.join(CLOSING.toMillis());
        }
    }

    /** Whether this call has put aside what was left; false if another one has, or is at it. */
    private boolean hasStowed(boolean isOwn) {
        List<Batch> parts = List.of();
        List<Batch> rest;
        int unsettled = 0;
        synchronized (this) {
            if (isOwn && job != null && job.claimed().isPresent()) {
                job.claimed().get().release();
                job = null;
            }
            if (isStowed) {
                return false;
            }
            isStowed = true;
            aside.end();
            if (job != null && job.claimed().isEmpty()) {
                unsettled = job.left();
                parts = unsettled == 0 ? List.of() : job.rest();
                job = null;
            }
            rest = List.copyOf(queue);
            queue.clear();
            queued = 0;
            queuedBytes = 0;
        }
        try {
            for (Batch part : parts) {
                aside.put(part, Math.min(part.size(), unsettled), Loss.NOT_SPOOLED);
            }
            rest.forEach(batch -> aside.put(batch, batch.size(), Loss.NOT_SPOOLED));
        } finally {
            stowed.countDown();
        }
        return true;
    }
}
