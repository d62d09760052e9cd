package io.monitoringhub.delivery;

import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.entries.Chunk;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BatchRefusedException;
import io.monitoringhub.spi.backend.DeliveryException;
import io.monitoringhub.spi.backend.PermanentDeliveryException;
import io.monitoringhub.spi.backend.TransientDeliveryException;
import io.monitoringhub.spi.backend.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gets a stretch of a window's entries to its end: every entry written, or a dead letter. What the outcomes mean is here and nowhere else;
 * docs/delivery.md has the table.
 *
 * <p><b>Halving.</b> The stretch is a stack of ranges that share one left end. A range that is refused gets a smaller one put on top; a
 * range that is through is taken off. So the culprit stands alone after as many calls as halvings, and everything before it is written.
 *
 * <p><b>Retry.</b> Entries to be sent again move together at the right end of their range, in order. The rest of the stack stays as it is.
 *
 * <p>Used by one thread at a time.
 */
final class Courier {

    /** Where settled entries and dead letters go. */
    interface Outcomes {
        /** Every entry below this offset is settled. */
        void settled(long next) throws TenureOver;

        /** Keeps letters; durable when it returns. */
        void reject(List<DeadLetter> letters) throws TenureOver, IOException;
    }

    private static final int MOST_HALVINGS = 64;

    private final Tenure tenure;
    private final Ledger ledger;
    private final Window window;
    private final LaneBatch batch;
    private final Pauses pauses;
    private final LaneSettings settings;
    private final Outcomes outcomes;

    private final int[] ends = new int[MOST_HALVINGS];
    private int depth;
    private int at;
    private int attempt;
    private int unexpected;
    private String unexpectedKind = "";
    private boolean isHalving;

    private int rejectedInRow;
    private int poisonInRow;

    Courier(Tenure tenure, Ledger ledger, Window window, LaneBatch batch, Pauses pauses, LaneSettings settings, Outcomes outcomes) {
        this.tenure = tenure;
        this.ledger = ledger;
        this.window = window;
        this.batch = batch;
        this.pauses = pauses;
        this.settings = settings;
        this.outcomes = outcomes;
    }

    /** Delivers the window's entries {@code from} to below {@code to}. */
    void deliver(int from, int to) throws TenureOver, LaneFailure {
        at = from;
        depth = 0;
        unexpected = 0;
        isHalving = false;
        push(to);
        while (depth > 0) {
            if (at == ends[depth - 1]) {
                depth--;
            } else {
                tenure.check();
                probe();
                attempt();
            }
        }
    }

    private void push(int end) {
        ends[depth++] = end;
        attempt = 0;
    }

    /** A destination that has been down is asked again with few entries. */
    private void probe() {
        int end = ends[depth - 1];
        if (pauses.isProbe() && end - at > settings.retry().probeEntries() && depth < MOST_HALVINGS) {
            push(at + settings.retry().probeEntries());
        }
    }

    private void attempt() throws TenureOver, LaneFailure {
        Backend backend = tenure.backend();
        int end = ends[depth - 1];
        long started = ledger.nanos();
        try {
            batch.over(at, end, ++attempt);
            WriteResult result = tenure.call(() -> backend.write(batch));
            settle(result, end, ledger.nanos() - started);
        } catch (TransientDeliveryException later) {
            pauses.afterFailedWrite("transient", Failures.message(later), later, later.retryAfter());
        } catch (PermanentDeliveryException never) {
            throw new LaneFailure(Failures.message(never), never, false);
        } catch (BatchRefusedException refused) {
            refused(end, "refused", refused);
        } catch (DeliveryException other) {
            throw new AssertionError("sealed", other);
        } catch (InterruptedException wantedBack) {
            if (tenure.isStopping()) {
                throw new TenureOver(false);
            }
            uncertain("interrupted", "a write was interrupted, although nobody asked for it", wantedBack);
        } catch (RuntimeException bug) {
            unexpected(end, bug);
        }
    }

    private void settle(WriteResult result, int end, long nanos) throws TenureOver, LaneFailure {
        if (result == null) {
            throw new IllegalStateException("write() returned null");
        }
        long first = window.offset(window.entries()[at]);
        int size = end - at;
        if (result.isAllWritten()) {
            written(size, size, batch.bytes(), first, nanos);
            advance(end);
            return;
        }
        Map<Long, WriteResult.Rejection> rejected = new HashMap<>();
        result.rejected().forEach(each -> rejected.put(each.offset(), each));
        Set<Long> retry = new HashSet<>(result.retry());
        checkNames(rejected, retry, end);
        int written = size - rejected.size() - retry.size();
        if (!rejected.isEmpty()) {
            reject(rejected, end, written == 0);
        }
        if (written > 0) {
            written(written, size, batch.bytes() - bytesOf(rejected.keySet(), retry, end), first, nanos);
        }
        advance(moveRight(retry, end));
        if (retry.isEmpty()) {
            pauses.succeeded();
        } else {
            again(retry.size(), size);
        }
    }

    private void written(int entries, int of, long bytes, long first, long nanos) throws TenureOver {
        rejectedInRow = 0;
        poisonInRow = 0;
        unexpected = 0;
        ledger.written(tenure, entries, bytes, first, nanos);
        pauses.taken((double) entries / of);
    }

    private void again(int entries, int of) throws TenureOver {
        ledger.retried(tenure, entries);
        String message = "the destination asked to send " + entries + " entries again, from offset "
                + window.offset(window.entries()[at]) + " on";
        if (entries < of) {
            pauses.afterProgress((double) entries / of, message);
        } else {
            pauses.afterFailedWrite("retry", message, null, Duration.ZERO);
        }
    }

    /** A result that names strangers, or an entry twice, says nothing about any entry. */
    private void checkNames(Map<Long, WriteResult.Rejection> rejected, Set<Long> retry, int end) {
        int named = 0;
        for (int i = at; i < end; i++) {
            Long offset = window.offset(window.entries()[i]);
            boolean isRejected = rejected.containsKey(offset);
            boolean isRetry = retry.contains(offset);
            if (isRejected && isRetry) {
                throw new IllegalStateException("write() named offset " + offset + " as rejected and to be sent again");
            }
            named += isRejected || isRetry ? 1 : 0;
        }
        if (named != rejected.size() + retry.size()) {
            throw new IllegalStateException("write() named offsets that were not in the batch");
        }
    }

    private void reject(Map<Long, WriteResult.Rejection> rejected, int end, boolean noneWritten) throws TenureOver, LaneFailure {
        WriteResult.Rejection any = rejected.values().iterator().next();
        if (noneWritten && rejectedInRow + rejected.size() >= settings.suspicion().rejected()) {
            int row = rejectedInRow + rejected.size();
            rejectedInRow = 0;
            throw new LaneFailure(row + " entries in a row were rejected and none written, last '" + any.reason() + "' (" + any.detail()
                    + "): this is the backend or its configuration, not the data. Mend it and retry the lane; the entries are kept", null, true);
        }
        List<DeadLetter> letters = new ArrayList<>(rejected.size());
        for (int i = at; i < end; i++) {
            WriteResult.Rejection rejection = rejected.get(window.offset(window.entries()[i]));
            if (rejection != null) {
                letters.add(letter(i, rejection.reason(), rejection.detail()));
            }
        }
        store(letters);
        rejectedInRow += letters.size();
    }

    private DeadLetter letter(int index, String reason, String detail) {
        long entry = window.entries()[index];
        ByteBuffer message = window.chunk(entry).message((int) entry);
        byte[] copy = new byte[message.remaining()];
        message.get(copy);
        Chunk chunk = window.chunk(entry);
        return new DeadLetter(settings.name(), new DeadLetter.Id(batch.logId(), window.offset(entry)), ledger.clock().instant(), reason, detail,
                new DeadLetter.Entry(chunk.source((int) entry), chunk.type((int) entry), chunk.level((int) entry), chunk.timestamp((int) entry),
                        window.appendedAt(entry), copy));
    }

    private long bytesOf(Set<Long> rejected, Set<Long> retry, int end) {
        long bytes = 0;
        for (int i = at; i < end; i++) {
            long offset = batch.offset(i - at);
            if (rejected.contains(offset) || retry.contains(offset)) {
                bytes += batch.length(i - at) + 1;
            }
        }
        return bytes;
    }

    private int moveRight(Set<Long> retry, int end) {
        long[] entries = window.entries();
        int to = end;
        for (int i = end - 1; i >= at; i--) {
            if (retry.contains(window.offset(entries[i]))) {
                entries[--to] = entries[i];
            }
        }
        return to;
    }

    private void unexpected(int end, RuntimeException bug) throws TenureOver, LaneFailure {
        String kind = bug.getClass().getName();
        unexpected = kind.equals(unexpectedKind) ? unexpected + 1 : 1;
        unexpectedKind = kind;
        boolean isAlone = end - at == 1;
        if (unexpected >= Failures.UNEXPECTED_MOST || isHalving && !isAlone) {
            unexpected = 0;
            refused(end, "plugin_failure", bug);
        } else {
            uncertain("unexpected", "write() failed unexpectedly: " + bug, bug);
        }
    }

    /** The backend may have taken a part: if the tenure ends now, a flush could make that part durable, and it would come twice. */
    private void uncertain(String kind, String message, Exception cause) throws TenureOver {
        try {
            pauses.afterFailedWrite(kind, message, cause, Duration.ZERO);
        } catch (TenureOver over) {
            throw new TenureOver(false);
        }
    }

    private void refused(int end, String reason, Exception cause) throws TenureOver, LaneFailure {
        String why = cause instanceof BatchRefusedException && cause.getMessage() != null ? cause.getMessage() : cause.toString();
        ledger.failed(tenure, reason, why, cause);
        if (end - at > 1) {
            isHalving = true;
            push(at + (end - at) / 2);
            return;
        }
        if (poisonInRow + 1 >= settings.suspicion().poison()) {
            int row = poisonInRow + 1;
            poisonInRow = 0;
            throw new LaneFailure(row + " entries in a row were refused one by one and none written, last: " + why
                    + ". This is the backend or its configuration, not the data. Mend it and retry the lane; the entries are kept", cause, true);
        }
        store(List.of(letter(at, reason, why)));
        poisonInRow++;
        unexpected = 0;
        advance(end);
        pauses.succeeded();
    }

    private void store(List<DeadLetter> letters) throws TenureOver, LaneFailure {
        try {
            outcomes.reject(letters);
        } catch (IOException notStored) {
            throw new LaneFailure("cannot store " + letters.size() + " dead letters: " + notStored.getMessage()
                    + ". The lane waits rather than losing them; make room and retry the lane", notStored, true);
        }
    }

    private void advance(int to) throws TenureOver {
        at = to;
        if (at < ends[0]) {
            outcomes.settled(window.offset(window.entries()[at]));
        }
    }
}
