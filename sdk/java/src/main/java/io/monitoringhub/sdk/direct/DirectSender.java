package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Inbox;
import io.monitoringhub.sdk.internal.Loss;
import io.monitoringhub.sdk.internal.Outlet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes lines and delivers them to all backends at the same time, or to the first that works. A call only hands its line over; the dispatcher's thread
 * numbers lines and forms batches, and each lane has a thread. Thread-safe.
 */
public final class DirectSender implements Outlet {

    /** How long a backend may take to notice that it is interrupted. */
    private static final Duration GRACE = Duration.ofSeconds(1);
    /** What putting the last batches into the spool may take: a busy disk can stall for seconds. */
    static final Duration STOWING = Duration.ofSeconds(30);
    /** Messages that keep coming are collected so long. */
    private static final long COLLECT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int QUIET_ROUNDS = 4;
    private static final int BLOCK = 1_000;

    private final UUID client = UUID.randomUUID();
    private final Counters counters;
    private final List<Lane> lanes;
    private final Inbox inbox;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition formed = lock.newCondition();
    // Under the lock.
    private long flushesAsked;
    private long flushesDone;
    /** The number of the last line that was in a batch then. */
    private long formedTo;
    private volatile boolean isEnding;
    // The dispatcher's own.
    private long taken;
    private int quietRounds;

    /** Begins nothing before {@link #start}. Of backends with the same name the first counts. */
    public DirectSender(DirectSettings settings, Counters counters) {
        this.counters = counters;
        Set<String> names = new HashSet<>();
        List<Destination> destinations = settings.backends().stream().filter(used -> {
            boolean isNew = names.add(used.backend().name());
            if (!isNew) {
                counters.error("two backends are called " + used.backend().name() + ": the second gets nothing; give it another name");
            }
            return isNew;
        }).map(used -> new Destination(used.backend(), used.options(), settings.clock())).toList();
        if (settings.delivery() == DeliveryMode.FAILOVER) {
            Failover all = new Failover(destinations, () -> new BackOff(settings.backoffMin(), settings.backoffMax()));
            BackendOptions options = destinations.stream().map(Destination::options).reduce(BackendOptions::smallest).orElse(BackendOptions.USUAL);
            lanes = List.of(new Lane("failover", all, options, settings, client, counters, this::count));
        } else {
            lanes = destinations.stream()
                    .map(each -> new Lane(each.name(), each, each.options(), settings, client, counters, this::count)).toList();
        }
        inbox = new Inbox(settings.stagingBytes(), Integer.MAX_VALUE, this::wake);
        thread = new Thread(this::run, "monitoring-sdk-" + settings.source());
        thread.setDaemon(true);
    }

    private void count() {
        // It only grows, and lanes come here at the same time.
        counters.acked.accumulateAndGet(lanes.stream().mapToLong(Lane::delivered).min().orElse(0), Math::max);
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    @Override
    public boolean start() {
        try {
            lanes.forEach(Lane::start);
            thread.start();
            return true;
        } catch (OutOfMemoryError noMoreThreads) {
            counters.error("cannot start the threads of direct mode: " + noMoreThreads);
            inbox.close();
            lanes.forEach(lane -> lane.end(System.nanoTime()));
            return false;
        }
    }

    @Override
    public void add(byte[] line) {
        Loss loss = inbox.offer(line);
        if (loss != null) {
            counters.lose(loss, 1);
        }
    }

    @Override
    public boolean flush(Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        try {
            long last = formed(until);
            if (last < 0) {
                return false;
            }
            long[] failed = lanes.stream().mapToLong(Lane::nudge).toArray();
            boolean all = true;
            for (int i = 0; i < failed.length; i++) {
                all &= lanes.get(i).awaitSafe(last, failed[i], until);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until all lines of before are in batches; the number of the last one, or -1 if that takes too long. */
    private long formed(long until) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long number = ++flushesAsked;
            inbox.wakeUp();
            boolean isInTime = true;
            while (flushesDone < number && thread.isAlive() && isInTime) {
                isInTime = formed.awaitNanos(until - System.nanoTime()) > 0;
            }
            return flushesDone >= number ? formedTo : -1;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close(Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        inbox.close();
        isEnding = true;
        wake();
        boolean wasInterrupted = !isWaitedFor(() -> thread.join(Math.max(1, timeout.plus(STOWING).toMillis())));
        long end = wasInterrupted ? System.nanoTime() : until;
        lanes.forEach(lane -> lane.end(end));
        for (Lane lane : lanes) {
            long at = wasInterrupted ? System.nanoTime() : until;
            wasInterrupted |= !isWaitedFor(() -> lane.join(at));
        }
        // A thread that has ended does not mind.
        lanes.forEach(Lane::interrupt);
        long grace = System.nanoTime() + GRACE.toNanos();
        for (Lane lane : lanes) {
            wasInterrupted |= !isWaitedFor(() -> lane.join(grace));
        }
        for (Lane lane : lanes) {
            wasInterrupted |= !isWaitedFor(lane::leave);
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Something that an interrupt ends. */
    private interface Wait {
        void run() throws InterruptedException;
    }

    private static boolean isWaitedFor(Wait wait) {
        try {
            wait.run();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    // --- the dispatcher ---

    private void run() {
        boolean isLast = false;
        while (!isLast) {
            isLast = isEnding;
            long asked = flushesAsked();
            try {
                dispatch(isLast || asked > flushesDone);
            } catch (RuntimeException bug) {
                // The boundary to the application's process: a bug of ours must not end this thread.
                counters.error("unexpected: " + bug);
            }
            answerFlushes(asked);
            if (!isLast) {
                rest();
            }
        }
    }

    private long flushesAsked() {
        lock.lock();
        try {
            return flushesAsked;
        } finally {
            lock.unlock();
        }
    }

    private void answerFlushes(long asked) {
        if (asked > flushesDone) {
            lock.lock();
            try {
                flushesDone = asked;
                formedTo = taken;
                formed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void dispatch(boolean isForced) {
        quietRounds = inbox.isEmpty() ? quietRounds + 1 : 0;
        // Not until nothing waits: others may add as quickly as this takes.
        long last = taken + inbox.size();
        List<byte[]> lines = poll();
        while (!lines.isEmpty()) {
            long now = System.nanoTime();
            for (Lane lane : lanes) {
                lane.take(taken + 1, lines, now);
            }
            taken += lines.size();
            counters.sent.addAndGet(lines.size());
            lines = taken < last ? poll() : List.of();
        }
        long now = System.nanoTime();
        for (Lane lane : lanes) {
            if (isForced || lane.left(now) <= 0) {
                lane.offer();
            }
        }
    }

    private List<byte[]> poll() {
        List<byte[]> lines = new ArrayList<>();
        for (byte[] line = inbox.poll(); line != null; line = lines.size() < BLOCK ? inbox.poll() : null) {
            lines.add(line);
        }
        inbox.release(lines.size());
        return lines;
    }

    private void rest() {
        // Whoever interrupts this thread has no reason to.
        Thread.interrupted();
        long now = System.nanoTime();
        long due = lanes.stream().mapToLong(lane -> lane.left(now)).min().orElse(Long.MAX_VALUE);
        boolean isAwake = quietRounds < QUIET_ROUNDS || !inbox.sleep();
        long rest = Math.min(due, isAwake ? COLLECT_NANOS : LONGEST_REST_NANOS);
        if (rest > 0 && !isEnding) {
            LockSupport.parkNanos(this, rest);
        }
    }

    // --- what is known ---

    /** What each backend has done, by its name. */
    public Map<String, BackendResult> results() {
        Map<String, BackendResult> results = new LinkedHashMap<>();
        lanes.forEach(lane -> lane.target().destinations().forEach(each -> results.put(each.name(), lane.result(each))));
        return results;
    }

    /** What a look at each backend shows, at all at the same time and no longer than this. */
    public Map<String, BackendHealth> health(Duration timeout) {
        return Look.at(lanes.stream().flatMap(lane -> lane.target().destinations().stream()).toList(), timeout);
    }

    @Override
    public boolean isOverflowing() {
        return lanes.stream().anyMatch(Lane::isFull);
    }

    @Override
    public boolean isConnected() {
        return lanes.stream().flatMap(lane -> lane.target().destinations().stream()).anyMatch(each -> each.state() == BackendResult.State.OK);
    }

    @Override
    public String protocol() {
        return "direct";
    }

    @Override
    public Optional<UUID> client() {
        return Optional.of(client);
    }

    @Override
    public int buffered() {
        return Math.max(0, inbox.held()) + lanes.stream().mapToInt(Lane::waiting).max().orElse(0);
    }
}
