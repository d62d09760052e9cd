package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.delivery.routing.LaneFilter;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.log.Frame;
import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.Commit;
import io.monitoringhub.spi.backend.DeliveryException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The loop of one tenure: read, select, cut, deliver, flush, commit. Between two windows: dead letters that a person wants delivered once
 * more, and the end of a replay.
 *
 * <pre>
 *  cursor              position                 window.end         durable end
 *    | written, unflushed | not settled              | not read         |
 * ---+--------------------+--------------------------+------------------+---
 * </pre>
 *
 * <p>Used by the tenure's thread, but for {@link #oldestAppendedAt}.
 */
final class Delivery {

    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final long NEVER = Long.MIN_VALUE;

    private final LaneSettings settings;
    private final Log log;
    private final Supplier<RouteTable> routes;
    private final Tenure tenure;
    private final Ledger ledger;
    private final Pauses pauses;
    private final Opening opening;
    private final Window window;
    private final Courier courier;
    private final InFlight inFlight = new InFlight();
    private final ResendOrders orders;
    private final Resending resending;

    private BatchLimits limits = BatchLimits.DEFAULT;
    private LogReader reader;
    private LaneFilter filter;
    private long position;
    private byte[] lastState = {};
    private boolean hasUnflushed;
    private long dirtySince = NEVER;
    private int flushFailures;
    private boolean isHeldUp;
    private boolean isLeaving;
    private volatile long oldestAppendedAt;

    Delivery(LaneSettings settings, Log log, Supplier<RouteTable> routes, Tenure tenure, Ledger ledger, Pauses pauses,
            ResendOrders orders) {
        this.settings = settings;
        this.log = log;
        this.routes = routes;
        this.tenure = tenure;
        this.ledger = ledger;
        this.pauses = pauses;
        opening = new Opening(settings, log, tenure, ledger, pauses);
        window = new Window(new Losses());
        courier = new Courier(tenure, ledger, window, new LaneBatch(log.id(), window), pauses, settings, new Settled());
        this.orders = orders;
        resending = new Resending(settings, tenure, ledger, pauses, this::flushAll);
    }

    /** When the first entry that is not settled was appended, in Unix milliseconds; zero where that is not known. */
    long oldestAppendedAt() {
        return oldestAppendedAt;
    }

    /** Delivers until the tenure is over. Closes its reader, but not the backend. */
    void run() throws TenureOver, LaneFailure {
        position = opening.open();
        limits = opening.limits();
        lastState = ledger.committedState();
        try {
            while (true) {
                tenure.check();
                step();
            }
        } catch (TenureOver over) {
            farewell(over.isClean());
            throw over;
        } catch (LaneFailure failure) {
            farewell(failure.isClean());
            throw failure;
        } finally {
            closeReader();
        }
    }

    private void step() throws TenureOver, LaneFailure {
        try {
            flushIfDue();
            resend();
            if (endReplay()) {
                return;
            }
            List<Frame> frames = read();
            if (frames.isEmpty()) {
                idle();
            } else {
                deliverWindow(frames);
            }
        } catch (IOException logTrouble) {
            closeReader();
            position = ledger.position();
            afterLogTrouble(logTrouble);
        }
    }

    private void afterLogTrouble(IOException trouble) throws TenureOver {
        pauses.afterFailure("log", "cannot read the log or store the cursor: " + trouble.getMessage()
                + "; see whether the log's disk is full or broken", trouble, Duration.ZERO);
    }

    /** What a person wants delivered once more. An order survives the end of the tenure, but not a failure: it may be its cause. */
    private void resend() throws TenureOver, LaneFailure, IOException {
        Optional<ResendOrders.Order> next = orders.next();
        if (next.isPresent()) {
            ResendOrders.Order order = next.get();
            try {
                resending.run(order, limits);
                orders.done(order);
            } catch (TenureOver over) {
                throw over;
            } catch (LaneFailure | IOException | RuntimeException | Error failure) {
                orders.failed(order, failure);
                throw failure;
            }
        }
    }

    /** @return whether a replay came to its end here, so that the position is elsewhere now */
    private boolean endReplay() throws TenureOver, LaneFailure, IOException {
        Optional<Replay> replay = ledger.replay();
        if (replay.isEmpty() || position < replay.get().to()) {
            return false;
        }
        flushAll();
        position = ledger.endReplay(tenure, lastState);
        closeReader();
        // A destination that keeps a position of its own hears where the lane is now.
        hasUnflushed = true;
        dirtySince = ledger.nanos();
        return true;
    }

    private void flushAll() throws TenureOver, LaneFailure, IOException {
        hasUnflushed = true;
        while (hasUnflushed) {
            tenure.check();
            if (flush() && hasUnflushed) {
                tenure.pause(limits.flushAfter().toNanos());
            }
        }
    }

    private List<Frame> read() throws IOException {
        if (reader == null) {
            reader = log.reader(position);
            tenure.onWakeUp(reader::wakeUp);
        }
        window.clear();
        return reader.read(limits.maxBytes());
    }

    private void idle() throws TenureOver {
        oldestAppendedAt = 0;
        pauses.idle();
        if (orders.next().isPresent()) {
            return; // came before there was a reader that it could have woken
        }
        Duration limit = dirtySince == NEVER ? IDLE
                : Duration.ofNanos(Math.max(1, limits.flushAfter().toNanos() - (ledger.nanos() - dirtySince)));
        try {
            reader.await(limit);
        } catch (InterruptedException leftBehind) {
            tenure.check();
        }
    }

    private void deliverWindow(List<Frame> frames) throws TenureOver, LaneFailure, IOException {
        load(frames);
        if (mayLinger()) {
            tenure.pause(limits.linger().toNanos());
            reader.seek(position);
            load(read());
        }
        if (window.end() <= position) {
            throw new IOException("a read at offset " + position + " returned nothing behind it");
        }
        for (int from = 0; from < window.size();) {
            oldestAppendedAt = window.appendedAt(window.entries()[from]);
            int to = window.batchEnd(from, limits);
            makeRoom();
            hasUnflushed = true;
            inFlight.given(window.offset(window.entries()[to - 1]) + 1, window.batchBytes());
            courier.deliver(from, to);
            from = to;
            settled(from < window.size() ? window.offset(window.entries()[from]) : window.end());
            flushIfDue();
        }
        settled(window.end());
        position = window.end();
    }

    private void load(List<Frame> frames) throws TenureOver {
        RouteTable table = routes.get();
        if (filter == null || filter.table() != table) {
            filter = table.filterFor(settings.name());
        }
        window.load(frames, position, filter);
        window.cut(ledger.replay().map(Replay::to).orElse(Long.MAX_VALUE));
    }

    /** Waits for company only at the log's end: a lane that is behind has enough. */
    private boolean mayLinger() {
        return !limits.linger().isZero() && window.size() > 0 && window.size() < limits.maxEntries() && window.end() >= log.durableOffset();
    }

    private void settled(long next) throws TenureOver {
        ledger.settled(tenure, next);
        if (dirtySince == NEVER) {
            dirtySince = ledger.nanos();
        }
    }

    private void flushIfDue() throws TenureOver, LaneFailure, IOException {
        if (dirtySince != NEVER && (ledger.nanos() - dirtySince >= limits.flushAfter().toNanos()
                || inFlight.bytes() >= settings.batching().inFlightBytes())) {
            flushUntilDone();
        }
    }

    /** Before a batch is written, what it adds must fit; where a flush covers a part only, the lane waits for the destination. */
    private void makeRoom() throws TenureOver, LaneFailure, IOException {
        while (inFlight.bytes() > 0 && inFlight.bytes() + window.batchBytes() > settings.batching().inFlightBytes()) {
            long before = inFlight.bytes();
            flushUntilDone();
            if (inFlight.bytes() == before) {
                ledger.state(tenure, LaneState.DEGRADED, "the destination has not made durable " + before + " bytes that it was given; the"
                        + " lane waits, as max_in_flight says");
                isHeldUp = true;
                tenure.pause(limits.flushAfter().toNanos());
            }
        }
        if (isHeldUp) {
            isHeldUp = false;
            ledger.state(tenure, LaneState.OK, "");
        }
    }

    private void flushUntilDone() throws TenureOver, LaneFailure, IOException {
        while (!flush()) {
            tenure.check();
        }
    }

    /** @return whether it is done; after a failure it has paused */
    private boolean flush() throws TenureOver, LaneFailure, IOException {
        try {
            flushOnce();
            flushFailures = 0;
            pauses.succeeded();
            return true;
        } catch (InterruptedException wantedBack) {
            if (tenure.isStopping()) {
                throw new TenureOver(false);
            }
            pauses.afterFailure("flush", "a flush was interrupted, although nobody asked for it", wantedBack, Duration.ZERO);
        } catch (DeliveryException | RuntimeException failure) {
            afterFlushFailure(failure);
        }
        return false;
    }

    private void afterFlushFailure(Exception failure) throws TenureOver, LaneFailure {
        Failures.Kind kind = Failures.of(failure);
        if (kind == Failures.Kind.PERMANENT) {
            throw new LaneFailure(failure.getMessage(), failure, false);
        }
        if (kind == Failures.Kind.UNEXPECTED && ++flushFailures >= Failures.UNEXPECTED_MOST) {
            throw new LaneFailure("flush() failed " + flushFailures + " times: " + Failures.message(failure)
                    + ". Mend or replace the backend, then retry the lane; entries from offset " + ledger.committed() + " on come again",
                    failure, false);
        }
        pauses.afterFailure("flush", "cannot flush: " + Failures.message(failure), failure, Failures.retryAfter(failure));
    }

    private void flushOnce() throws DeliveryException, InterruptedException, TenureOver, IOException {
        long next = ledger.position();
        if (!hasUnflushed) {
            store(new Commit(next, lastState));
            dirtySince = NEVER;
            return;
        }
        Commit commit = tenure.call(() -> tenure.backend().flush(next));
        if (commit == null) {
            throw new IllegalStateException("flush() returned null");
        }
        long safe = Math.min(next, commit.next());
        lastState = commit.state();
        store(new Commit(safe, lastState));
        hasUnflushed = safe < next;
        inFlight.safe(safe);
        dirtySince = hasUnflushed ? ledger.nanos() : NEVER;
    }

    /** The backend hears nothing more before its commit is stored: what it does next can depend on finding this state again. */
    private void store(Commit commit) throws TenureOver, IOException {
        while (true) {
            try {
                ledger.commit(tenure, commit);
                return;
            } catch (IOException notStored) {
                if (isLeaving) {
                    throw notStored;
                }
                afterLogTrouble(notStored);
            }
        }
    }

    /** The last thing before close: one flush, so that the next instance need not repeat anything. */
    private void farewell(boolean isClean) {
        if (!isClean || tenure.isAbandoned() || dirtySince == NEVER && ledger.position() == ledger.committed()) {
            return;
        }
        isLeaving = true;
        try {
            flushOnce();
        } catch (TenureOver abandoned) {
            // nothing counts any more
        } catch (DeliveryException | InterruptedException | IOException | RuntimeException notFlushed) {
            ledger.log().notFlushed(tenure.id(), notFlushed);
        }
    }

    private void closeReader() {
        window.clear();
        if (reader != null) {
            tenure.onWakeUp(() -> { });
            reader.close();
            reader = null;
        }
    }

    /** What the courier tells of normal delivery goes to the ledger. */
    private final class Settled implements Courier.Outcomes {

        @Override
        public void settled(long next) throws TenureOver {
            ledger.settled(tenure, next);
        }

        @Override
        public void reject(List<DeadLetter> letters) throws TenureOver, IOException {
            ledger.reject(tenure, letters);
        }
    }

    /** Tells the ledger what could not be had; the position goes on. */
    private final class Losses implements Window.Losses {

        @Override
        public void missing(long from, long to) throws TenureOver {
            ledger.missing(tenure, from, to);
        }

        @Override
        public void unreadable(long firstOffset, int entries, String why) throws TenureOver {
            ledger.unreadable(tenure, firstOffset, entries, why);
        }
    }
}
