package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.delivery.deadletters.DeadLetters;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.spi.backend.Commit;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What a lane knows of itself: cursor, position, state, counters. Outlives the instances.
 *
 * <p><b>Fence.</b> Whatever a tenure writes here is refused under this object's lock once the tenure is abandoned. That covers the cursor
 * and the dead letters: a thread that comes back after an hour can't move anything.
 *
 * <p>Thread-safe.
 */
final class Ledger {

    private static final long HOPE_CHECK_NANOS = 20_000_000L;

    private final String lane;
    private final ReplayCursor replays;
    private final Cursor cursor;
    private final DeadLetters deadLetters;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final LaneEvents events;
    private final LaneLog log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progressed = lock.newCondition();
    private final Handover handover;

    private LaneState state = LaneState.WAITING;
    private String reason = "";
    private Instant since;
    private long position;
    private long writtenEntries;
    private long writtenBytes;
    private long batches;
    private long rejected;
    private long retried;
    private long failures;
    private long missing;
    private long unreadable;
    private long abandoned;
    private LaneStatus.LastError lastError;
    private LaneState reported = LaneState.OK;
    private String reportedReason = "";

    Ledger(String lane, ReplayCursor replays, Cursor cursor, DeadLetters deadLetters, Clock clock, LongSupplier nanoTime, LaneEvents events) {
        this.lane = lane;
        this.replays = replays;
        this.cursor = cursor;
        this.deadLetters = deadLetters;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.events = events;
        this.log = new LaneLog(lane, nanoTime);
        handover = new Handover(lane);
        since = clock.instant();
        position = cursor.position();
    }

    LaneLog log() {
        return log;
    }

    Clock clock() {
        return clock;
    }

    long nanos() {
        return nanoTime.getAsLong();
    }

    long committed() {
        return cursor.position();
    }

    byte[] committedState() {
        return cursor.state();
    }

    /** Below it, what the present instance's destination lacks was delivered by another member of the group. */
    long ownFrom() {
        return cursor instanceof GroupCursor group ? group.ownFrom() : 0;
    }

    long position() {
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    LaneState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** A change that the lane itself makes. */
    void state(LaneState to, String why) {
        lock.lock();
        try {
            LaneState from = state;
            if (from == to && reason.equals(why)) {
                return;
            }
            state = to;
            reason = why;
            if (from != to) {
                since = clock.instant();
                log.changed(from, to, why);
            }
            events.changed(lane, from, to, why);
        } finally {
            lock.unlock();
        }
    }

    /** A change that comes from a tenure. */
    void state(Tenure by, LaneState to, String why) throws TenureOver {
        fenced(by, () -> state(to, why));
    }

    /** A tenure begins; what the instance before it said of its health is of no interest any more. */
    void starting(Tenure by) throws TenureOver {
        fenced(by, () -> {
            reported = LaneState.OK;
            reportedReason = "";
            if (cursor instanceof GroupCursor group) {
                group.turnOf(by.id());
            }
            state(LaneState.STARTING, "");
        });
    }

    /** What the backend itself says of its health; shown where the lane has nothing graver to say. */
    void report(Tenure by, LaneState health, String why) throws TenureOver {
        fenced(by, () -> {
            LaneState from = shownState();
            reported = health;
            reportedReason = why;
            if (from != shownState()) {
                since = clock.instant();
                log.changed(from, shownState(), why);
                events.changed(lane, from, shownState(), why);
            }
        });
    }

    private LaneState shownState() {
        return state == LaneState.OK || state == LaneState.DEGRADED && reported == LaneState.FAILED ? worse(state, reported) : state;
    }

    private static LaneState worse(LaneState one, LaneState other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** A tenure begins to deliver here, which can be elsewhere than the cursor. */
    void resume(Tenure by, long offset, byte[] stateThere) throws TenureOver, IOException {
        lock.lock();
        try {
            refuse(by);
            handover.resumed(cursor.position(), offset);
            if (offset > cursor.position()) {
                cursor.commit(offset, stateThere);
            } else if (offset < cursor.position()) {
                cursor.move(offset);
            }
            position = offset;
        } finally {
            lock.unlock();
        }
    }

    /** The replay that is under way. */
    Optional<Replay> replay() {
        return replays.replay();
    }

    /** Nobody delivers meanwhile. */
    void begin(Replay replay) throws IOException {
        if (replay.entries() == 0) {
            return;
        }
        lock.lock();
        try {
            replays.begin(replay);
            position = replay.from();
        } finally {
            lock.unlock();
        }
    }

    /** All of the replay is durable at the destination: back to where the lane was. */
    long endReplay(Tenure by, byte[] stateThere) throws TenureOver, IOException {
        lock.lock();
        try {
            refuse(by);
            long back = Math.max(position, replays.replay().map(Replay::back).orElse(position));
            Optional<Replay> over = replays.replay();
            replays.forget();
            try {
                cursor.commit(back, stateThere);
            } catch (IOException notStored) {
                over.ifPresent(replays::remember);
                throw notStored;
            }
            log.replayOver(position, back);
            position = back;
            progressed.signalAll();
            return back;
        } finally {
            lock.unlock();
        }
    }

    /** The destination itself says where it is, behind the replay. */
    void forgetReplay(Tenure by, long wanted) throws TenureOver {
        fenced(by, () -> {
            replays.forget();
            log.replayRefused(by.id(), wanted);
        });
    }

    /** Entries were written. */
    void written(Tenure by, int entries, long bytes, long firstOffset, long nanos) throws TenureOver {
        fenced(by, () -> {
            writtenEntries += entries;
            writtenBytes += bytes;
            batches++;
            handover.written(by, firstOffset, clock.instant(), nanos()).ifPresent(swap -> {
                log.swapped(swap);
                events.swapped(swap);
            });
            events.written(lane, entries, bytes, nanos);
        });
    }

    /** Every selected entry below this offset is settled. */
    void settled(Tenure by, long next) throws TenureOver {
        fenced(by, () -> {
            position = next;
            progressed.signalAll();
        });
    }

    /** Stores dead letters; durable when it returns. */
    void reject(Tenure by, List<DeadLetter> letters) throws TenureOver, IOException {
        lock.lock();
        try {
            refuse(by);
            deadLetters.append(lane, letters);
            rejected += letters.size();
            for (DeadLetter letter : letters) {
                log.rejected(by.id(), letter);
                events.rejected(lane, letter.reason(), 1);
            }
        } finally {
            lock.unlock();
        }
    }

    DeadLetters deadLetters() {
        return deadLetters;
    }

    /** Letters were delivered after all. */
    int removeDeadLetters(Tenure by, String part, Set<DeadLetter.Id> ids) throws TenureOver, IOException {
        lock.lock();
        try {
            refuse(by);
            return deadLetters.remove(lane, part, ids);
        } finally {
            lock.unlock();
        }
    }

    void retried(Tenure by, int entries) throws TenureOver {
        fenced(by, () -> retried += entries);
    }

    /** A call failed. */
    void failed(Tenure by, String kind, String message, Throwable cause) throws TenureOver {
        fenced(by, () -> {
            failures++;
            lastError = new LaneStatus.LastError(clock.instant(), message);
            log.failed(by.id(), kind, message, cause);
            events.failed(lane, kind, message);
        });
    }

    void missing(Tenure by, long from, long to) throws TenureOver {
        fenced(by, () -> {
            missing += to - from;
            log.missing(from, to);
        });
    }

    void unreadable(Tenure by, long firstOffset, int entries, String why) throws TenureOver {
        fenced(by, () -> {
            unreadable += entries;
            log.unreadable(firstOffset, entries, why);
        });
    }

    /** Moves the cursor, never back and never further than what is settled. */
    void commit(Tenure by, Commit commit) throws TenureOver, IOException {
        lock.lock();
        try {
            refuse(by);
            if (commit.next() >= cursor.position() && commit.next() <= position) {
                cursor.commit(commit.next(), commit.state());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Draws the fence: when it returns, nothing that the tenure does counts any more. */
    void abandon(Tenure tenure, String why) {
        lock.lock();
        try {
            tenure.abandon();
            abandoned++;
            lastError = new LaneStatus.LastError(clock.instant(), why);
            log.abandoned(tenure.id(), why);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything below the offset is settled, the time is over, or there is no hope. */
    boolean awaitPosition(long offset, long nanos, BooleanSupplier isHopeless) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (position < offset && left > 0 && !isHopeless.getAsBoolean()) {
                long slice = Math.min(left, HOPE_CHECK_NANOS);
                left -= slice - Math.max(0, progressed.awaitNanos(slice));
            }
            return position >= offset;
        } finally {
            lock.unlock();
        }
    }

    /** @param standIn why not the first member of a group delivers; empty where it does */
    LaneStatus status(Optional<Tenure> tenure, long logEnd, long lagBytes, Duration lag, String breaker, String standIn) {
        lock.lock();
        try {
            LaneStatus.Counters counters = new LaneStatus.Counters(writtenEntries, writtenBytes, batches, rejected, retried, failures,
                    missing, unreadable, abandoned);
            LaneState shown = shownState();
            String why = shown == state ? reason : reportedReason;
            if (shown == LaneState.OK && !standIn.isEmpty()) {
                shown = LaneState.DEGRADED;
                why = standIn;
            }
            return new LaneStatus(lane, shown, replays.told(position, why), since, tenure.map(Tenure::id), position, cursor.position(), logEnd,
                    lagBytes, lag, breaker, counters, Optional.ofNullable(lastError), handover.last());
        } finally {
            lock.unlock();
        }
    }

    private void fenced(Tenure by, Runnable change) throws TenureOver {
        lock.lock();
        try {
            refuse(by);
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private static void refuse(Tenure by) throws TenureOver {
        if (by.isAbandoned()) {
            throw new TenureOver(false);
        }
    }
}
