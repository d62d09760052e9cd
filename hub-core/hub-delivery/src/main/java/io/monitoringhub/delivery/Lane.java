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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cursor over the log, a route, and the backend it delivers to, or a group of them. The lane lives as long as the configuration names
 * it; backend instances come and go.
 *
 * <p><b>Turns.</b> Attached instances stand in a {@link Row}; the first that has not failed has its turn, which is a {@link Tenure}: a
 * thread from open to close. The next begins when the one before it has let go, or was abandoned. Pause, replay, retry, other settings and
 * failover are ends and beginnings of tenures, too: there is no other way to change anything under a running backend.
 *
 * <p><b>Locks.</b> This object's lock guards the row and is never held while waiting; the ledger's may be taken inside it, not the other
 * way round.
 *
 * <p>Thread-safe.
 */
public final class Lane {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final Log log;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final Ledger ledger;
    private final ReplayCursor replays;
    private final ResendOrders orders = new ResendOrders();
    private final ReentrantLock lock = new ReentrantLock();
    private final Row row;
    private final EntryAge age;

    private volatile LaneSettings settings;
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
        replays = ReplayCursor.open(settings, log);
        Cursor cursor = settings.group().isPresent() ? new GroupCursor(replays)
                : settings.backendType().<Cursor>map(type -> new TypedCursor(replays, type)).orElse(replays);
        row = new Row(settings, nanoTime);
        age = new EntryAge(settings.name(), log, clock);
        ledger = new Ledger(settings.name(), replays, cursor, deadLetters, clock, nanoTime, events);
        ledger.state(LaneState.WAITING, row.waitingReason());
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
        locked(() -> {
            if (!isClosed && row.add(id, backend)) {
                if (settings.group().isEmpty() && turn != null && !turn.tenure().isStopping()) {
                    LOG.warn("{}: waits for its turn, because {} is attached to lane {}, too", id, turn.slot().id(), name());
                }
                startNext();
            }
            return turn;
        });
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
            Optional<Slot> slot = row.find(backend);
            isKnown = slot.isPresent();
            slot.ifPresent(row::remove);
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
        locked(() -> isPaused = true);
        endTurn();
        startNextLocked();
    }

    /** Goes on after {@link #pause}. */
    public void resume() {
        locked(() -> isPaused = false);
        startNextLocked();
    }

    /**
     * Tries at once what failed or waits to be tried again.
     *
     * @return whether there was anything to try; not for an instance that was abandoned and has not given its thread back
     */
    public boolean retry() {
        return locked(() -> {
            boolean any = row.revive();
            if (turn != null) {
                turn.tenure().hurry();
                any = true;
                turn.giveWay(row, true, ledger.log());
            }
            startNext();
            return any;
        });
    }

    /**
     * Goes on with other settings: ends the turn that is under way, with a flush, and tries again what has failed. Name, and with or without
     * a group, must be as before. At most as long as {@link #detach}.
     */
    public void reconfigure(LaneSettings other) {
        if (!other.name().equals(name()) || other.group().isPresent() != settings.group().isPresent()) {
            throw new IllegalArgumentException("lane " + name() + " can't become " + other.name());
        }
        locked(() -> ++holds);
        try {
            endTurn();
        } finally {
            locked(() -> {
                holds--;
                settings = other;
                row.settings(other);
                row.revive();
                startNext();
                return other;
            });
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
        locked(() -> ++holds);
        try {
            endTurn();
            Replay replay = plan(from, to);
            ledger.begin(replay);
            LOG.info("lane {}: replays offsets {} to {}, then goes on from {}", name(), replay.from(), replay.to(), replay.back());
            return replay;
        } finally {
            locked(() -> --holds);
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
        locked(() -> {
            if (turn != null) {
                turn.tenure().wake();
            }
            return turn;
        });
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
        locked(() -> isClosed = true);
        Detachment.Manner manner = endTurn();
        ledger.state(LaneState.CLOSED, "");
        return detachment(manner, started);
    }

    /** Looks after time limits; to be called about once a second, see {@link LaneSupervisor}. */
    public void supervise() {
        Turn now = turn;
        if (settings.group().isPresent()) {
            failOver();
        }
        if (now != null) {
            now.stuck(settings.grace()).ifPresent(why -> abandon(now, why));
        }
    }

    /** The lane now. Reads one frame where only the log knows how old the next entry is. */
    public LaneStatus status() {
        Turn now = turn;
        long end = log.durableOffset();
        long position = ledger.position();
        return ledger.status(Optional.ofNullable(now).map(Turn::tenure), end, position < end ? log.bytesBehind(position) : 0,
                age.of(position, end, now == null ? 0 : now.delivery().oldestAppendedAt()),
                now == null ? "closed" : now.pauses().breakerWord(), now == null ? "" : locked(() -> row.standIn(now.slot())));
    }

    private Detachment detachment(Detachment.Manner manner, long startedNanos) {
        return new Detachment(manner, ledger.committed(), ledger.position(), Duration.ofNanos(nanoTime.getAsLong() - startedNanos));
    }

    private void startNextLocked() {
        locked(() -> {
            startNext();
            return turn;
        });
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
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
        Optional<Slot> next = row.next();
        Optional<String> failure = row.failure();
        if (next.isPresent()) {
            if (holds == 0) {
                start(next.get());
            }
        } else if (failure.isPresent()) {
            ledger.state(LaneState.FAILED, failure.get());
        } else {
            ledger.state(LaneState.WAITING, row.waitingReason());
        }
    }

    private void start(Slot slot) {
        LaneSettings here = settings.during(slot.id().name());
        Tenure tenure = new Tenure(slot.id(), slot.backend(), nanoTime);
        int after = here.retry().breakerAfter();
        Pauses pauses = new Pauses(tenure, ledger, slot.isOnProbation() ? Breaker.halfOpen(after) : new Breaker(after),
                here.retry(), random, () -> locked(() -> row.hasRelief(slot)));
        Delivery delivery = new Delivery(here, log, () -> routes, tenure, ledger, pauses, orders);
        Turn started = new Turn(slot, tenure, delivery, pauses, nanoTime.getAsLong());
        slot.entered(tenure);
        turn = started;
        tenure.start(() -> over(started, started.work(ledger.log())));
    }

    /** A member may have been away for too long, another may be back, a probe may hang. */
    private void failOver() {
        locked(() -> {
            startNext();
            if (turn != null) {
                turn.giveWay(row, false, ledger.log());
            }
            return turn;
        });
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
            } else {
                row.ended(own);
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
        locked(() -> {
            if (turn == ending) {
                ledger.state(LaneState.STOPPING, "");
            }
            return ending;
        });
    }

    private boolean abandon(Turn stuck, String why) {
        return locked(() -> {
            if (turn != stuck) {
                return false;
            }
            ledger.abandon(stuck.tenure(), why);
            turn = null;
            stuck.slot().fail(why);
            startNext();
            return true;
        });
    }
}
