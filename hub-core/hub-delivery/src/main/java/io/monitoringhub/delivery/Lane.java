package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetters;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Log;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.Backend;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cursor over the log, a route, and the backend it delivers to. The lane lives as long as the configuration names it; backend
 * instances come and go.
 *
 * <p><b>Turns.</b> Attached instances stand in a row; the first that has not failed has its turn, which is a {@link Tenure}: a thread from
 * open to close. The next begins when the one before it has let go, or was abandoned. Pause, replay and retry are ends and beginnings of
 * tenures, too: there is no other way to change anything under a running backend.
 *
 * <p><b>Locks.</b> This object's lock guards the row and is never held while waiting; the ledger's may be taken inside it, not the other
 * way round.
 *
 * <p>Thread-safe.
 */
public final class Lane {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final LaneSettings settings;
    private final Log log;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final Ledger ledger;
    private final ReplayCursor replays;
    private final ResendOrders orders = new ResendOrders();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Slot> slots = new ArrayList<>();

    private volatile RouteTable routes;
    private volatile Turn turn;
    private boolean isPaused;
    private boolean isClosed;
    private int holds;

    /**
     * Makes a lane; its cursor is stored when it is new.
     *
     * @param routes what it selects at first, see {@link #routes(RouteTable)}
     * @param deadLetters where entries go that its destination will never take
     * @throws IOException when the cursor can't be stored
     */
    public Lane(LaneSettings settings, Log log, RouteTable routes, DeadLetters deadLetters, Clock clock, RandomGenerator random,
            LaneEvents events) throws IOException {
        this(settings, log, routes, deadLetters, clock, System::nanoTime, random, events);
    }

    Lane(LaneSettings settings, Log log, RouteTable routes, DeadLetters deadLetters, Clock clock, LongSupplier nanoTime,
            RandomGenerator random, LaneEvents events) throws IOException {
        this.settings = settings;
        this.log = log;
        this.routes = routes;
        this.random = random;
        this.nanoTime = nanoTime;
        Optional<Cursor> known = log.cursors().find(settings.name());
        replays = new ReplayCursor(known.isPresent() ? known.get()
                : log.cursors().open(settings.name(), settings.start().offsetIn(log)));
        Cursor cursor = settings.backendType().<Cursor>map(type -> new TypedCursor(replays, type)).orElse(replays);
        ledger = new Ledger(settings.name(), replays, cursor, deadLetters, clock, nanoTime, events);
        ledger.state(LaneState.WAITING, waitingReason());
    }

    /** What routes call it, and what its cursor is called. */
    public String name() {
        return settings.name();
    }

    /** Selects by another table from the next read on. Never waits. */
    public void routes(RouteTable table) {
        routes = table;
    }

    /**
     * Puts an instance at the end of the row, and starts its thread when it is its turn. Returns at once. An instance that is there already,
     * and any instance after {@link #drain}, is left alone.
     */
    public void attach(ComponentId id, Backend backend) {
        lock.lock();
        try {
            if (!isClosed && slotOf(backend).isEmpty()) {
                slots.add(new Slot(id, backend));
                if (turn != null && !turn.tenure().isStopping()) {
                    LOG.warn("{}: waits for its turn, because {} is attached to lane {}, too", id, turn.slot().id(), name());
                }
                startNext();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes an instance out of the row. If it has its turn, it may finish its write, flush, commit and close; then it is interrupted; then it
     * is abandoned. Returns when it is gone, at the latest after both times of grace. Strangers are welcome.
     */
    public Detachment detach(Backend backend) {
        long started = nanoTime.getAsLong();
        Turn ending;
        boolean isKnown;
        lock.lock();
        try {
            Optional<Slot> slot = slotOf(backend);
            isKnown = slot.isPresent();
            slot.ifPresent(slots::remove);
            ending = isKnown && turn != null && turn.slot() == slot.get() ? turn : null;
            startNext();
        } finally {
            lock.unlock();
        }
        Detachment.Manner manner = ending != null ? end(ending)
                : isKnown ? Detachment.Manner.IDLE : Detachment.Manner.UNKNOWN;
        return detachment(manner, started);
    }

    /** Stops delivering until {@link #resume}, with a flush; the backend is closed. At most as long as {@link #detach}. */
    public void pause() {
        lock.lock();
        try {
            isPaused = true;
        } finally {
            lock.unlock();
        }
        endTurn();
        startNextLocked();
    }

    /** Goes on after {@link #pause}. */
    public void resume() {
        lock.lock();
        try {
            isPaused = false;
            startNext();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tries at once what failed or waits to be tried again.
     *
     * @return whether there was anything to try; not for an instance that was abandoned and has not given its thread back
     */
    public boolean retry() {
        lock.lock();
        try {
            boolean any = false;
            for (Slot slot : slots) {
                any |= slot.revive();
            }
            if (turn != null) {
                turn.tenure().hurry();
                any = true;
            }
            startNext();
            return any;
        } finally {
            lock.unlock();
        }
    }

    /** What {@link #replay} would do now. Offsets are brought into what the log holds and the lane has passed. */
    public Replay plan(long from, long to) {
        return replays.plan(from, to, log.startOffset());
    }

    /**
     * Delivers a stretch of the log again, then goes on from where the lane was before. Survives a restart. A replay during a replay takes
     * its place and goes on from where the lane was before the first. A destination that keeps a position of its own says from where.
     *
     * @param from the first offset
     * @param to the offset behind the last
     * @return what is done
     */
    public Replay replay(long from, long to) throws IOException {
        hold(1);
        try {
            endTurn();
            Replay replay = plan(from, to);
            ledger.begin(replay);
            LOG.info("lane {}: replays offsets {} to {}, then goes on from {}", name(), replay.from(), replay.to(), replay.back());
            return replay;
        } finally {
            hold(-1);
            startNextLocked();
        }
    }

    /**
     * Has dead letters delivered once more, by the lane's own thread between two batches. A letter is removed when the destination has it
     * durably, and stays when it is refused again. A crash in between delivers letters twice, and loses none. The order lives as long as
     * the lane: until a backend is there it waits, and a backend that fails over it ends it.
     *
     * @param offsets which
     * @return what became of them, once it is known; ends in an exception when the backend failed over them
     */
    public CompletableFuture<Resent> resend(LongPredicate offsets) {
        ResendOrders.Order order = orders.add(offsets);
        lock.lock();
        try {
            if (turn != null) {
                turn.tenure().wake();
            }
        } finally {
            lock.unlock();
        }
        return order.done();
    }

    /**
     * The end of the lane in this process: delivers up to the log's end as it is now, then lets go of the backend. Ends early where the
     * destination is down. Never moves the cursor past an entry that was not delivered.
     *
     * @param limit how long to deliver; letting go can take the times of grace on top
     */
    public Detachment drain(Duration limit) {
        long started = nanoTime.getAsLong();
        Turn last = turn;
        if (last != null) {
            try {
                ledger.awaitPosition(log.endOffset(), limit.toNanos(), () -> turn != last || last.tenure().isStopping()
                        || last.pauses().isOpen());
            } catch (InterruptedException wanted) {
                Thread.currentThread().interrupt();
            }
        }
        lock.lock();
        try {
            isClosed = true;
        } finally {
            lock.unlock();
        }
        Detachment.Manner manner = endTurn();
        ledger.state(LaneState.CLOSED, "");
        return detachment(manner, started);
    }

    /** Looks after time limits; to be called about once a second, see {@link LaneSupervisor}. */
    public void supervise() {
        Turn now = turn;
        if (now == null) {
            return;
        }
        if (now.tenure().isDone()) {
            abandon(now, "its thread died; replace the backend or retry the lane");
        } else if (now.tenure().callNanos() > settings.grace().call().toNanos()) {
            abandon(now, "a call has taken longer than " + settings.grace().call().toSeconds() + " s. Entries are kept; see why the"
                    + " destination does not answer, then replace the backend, or retry the lane once its thread is back");
        }
    }

    /** The lane now. Reads one frame where only the log knows how old the next entry is. */
    public LaneStatus status() {
        Turn now = turn;
        long end = log.durableOffset();
        return ledger.status(Optional.ofNullable(now).map(Turn::tenure), end, Lag.of(now, end, ledger, log),
                now == null ? "closed" : now.pauses().breakerWord());
    }

    private Optional<Slot> slotOf(Backend backend) {
        return slots.stream().filter(slot -> slot.backend() == backend).findFirst();
    }

    private Detachment detachment(Detachment.Manner manner, long startedNanos) {
        return new Detachment(manner, ledger.committed(), ledger.position(), Duration.ofNanos(nanoTime.getAsLong() - startedNanos));
    }

    private void hold(int change) {
        lock.lock();
        try {
            holds += change;
        } finally {
            lock.unlock();
        }
    }

    private void startNextLocked() {
        lock.lock();
        try {
            startNext();
        } finally {
            lock.unlock();
        }
    }

    /** Gives the turn to the first in the row that has not failed, if it is free. The lock is held. */
    private void startNext() {
        if (turn != null || isClosed) {
            return;
        }
        if (isPaused) {
            ledger.state(LaneState.PAUSED, "paused: resume the lane to go on");
            return;
        }
        Optional<Slot> next = slots.stream().filter(slot -> !slot.hasFailed()).findFirst();
        if (slots.isEmpty()) {
            ledger.state(LaneState.WAITING, waitingReason());
        } else if (next.isEmpty()) {
            ledger.state(LaneState.FAILED, slots.get(slots.size() - 1).failure());
        } else if (holds == 0) {
            start(next.get());
        }
    }

    private void start(Slot slot) {
        Tenure tenure = new Tenure(slot.id(), slot.backend(), nanoTime);
        Pauses pauses = new Pauses(tenure, ledger, new Breaker(settings.retry().breakerAfter()),
                new Backoff(settings.retry().base(), settings.retry().max(), random));
        Turn started = new Turn(slot, tenure, new Delivery(settings, log, () -> routes, tenure, ledger, pauses, orders), pauses);
        slot.entered(tenure);
        turn = started;
        tenure.start(() -> over(started, started.work(ledger.log())));
    }

    private String waitingReason() {
        return settings.backendType().map(type -> "waiting for a bundle that provides backend type " + type)
                .orElse("waiting for a backend to be attached");
    }

    private void over(Turn own, String failure) {
        lock.lock();
        try {
            own.slot().released(own.tenure());
            if (turn != own) {
                return;
            }
            turn = null;
            if (!failure.isEmpty()) {
                own.slot().fail(failure);
                ledger.state(LaneState.FAILED, failure);
            }
            startNext();
        } finally {
            lock.unlock();
        }
    }

    private Detachment.Manner endTurn() {
        Turn now = turn;
        return now == null ? Detachment.Manner.IDLE : end(now);
    }

    /** Asks, interrupts, abandons. Never with a lock held. */
    private Detachment.Manner end(Turn ending) {
        sayStopping(ending);
        Detachment.Manner manner = ending.end(settings.grace(), nanoTime);
        if (manner != Detachment.Manner.ABANDONED) {
            return manner;
        }
        boolean isAbandoned = abandon(ending, "it did not give its thread back when it was asked to, nor when it was interrupted");
        return isAbandoned ? Detachment.Manner.ABANDONED : Detachment.Manner.INTERRUPTED;
    }

    private void sayStopping(Turn ending) {
        lock.lock();
        try {
            if (turn == ending) {
                ledger.state(LaneState.STOPPING, "");
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean abandon(Turn stuck, String why) {
        lock.lock();
        try {
            if (turn != stuck) {
                return false;
            }
            ledger.abandon(stuck.tenure(), why);
            turn = null;
            stuck.slot().fail(why);
            startNext();
            return true;
        } finally {
            lock.unlock();
        }
    }
}
