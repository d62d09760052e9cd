package io.monitoringhub.delivery;

import io.monitoringhub.log.Log;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.BatchLimits;
import io.monitoringhub.spi.backend.DeliveryException;
import java.io.IOException;
import java.time.Duration;

/**
 * Opens a backend, however often that takes, and finds where it begins.
 *
 * <p>Used by the tenure's thread.
 */
final class Opening {

    private final LaneSettings settings;
    private final Log log;
    private final Tenure tenure;
    private final Ledger ledger;
    private final Pauses pauses;
    private BatchLimits limits = BatchLimits.DEFAULT;

    Opening(LaneSettings settings, Log log, Tenure tenure, Ledger ledger, Pauses pauses) {
        this.settings = settings;
        this.log = log;
        this.tenure = tenure;
        this.ledger = ledger;
        this.pauses = pauses;
    }

    BatchLimits limits() {
        return limits;
    }

    /** @return the offset of the first entry to deliver */
    long open() throws TenureOver, LaneFailure {
        ledger.starting(tenure);
        int unexpected = 0;
        while (true) {
            tenure.check();
            try {
                long wanted = openOnce();
                return begin(wanted);
            } catch (InterruptedException wantedBack) {
                tenure.check();
                pauses.afterFailure("open", "open() was interrupted, although nobody asked for it", wantedBack, Duration.ZERO);
            } catch (IOException cursorTrouble) {
                again(cursorTrouble, "cannot store the cursor: " + cursorTrouble.getMessage() + "; see whether the log's disk is full or broken");
            } catch (DeliveryException | RuntimeException failure) {
                unexpected = Failures.of(failure) == Failures.Kind.UNEXPECTED ? unexpected + 1 : 0;
                if (Failures.of(failure) == Failures.Kind.PERMANENT || unexpected >= Failures.UNEXPECTED_MOST) {
                    throw new LaneFailure(Failures.message(failure), failure, false);
                }
                again(failure, "cannot open: " + Failures.message(failure));
            }
        }
    }

    private void again(Exception failure, String message) throws TenureOver, LaneFailure {
        close();
        pauses.afterFailure("open", message, failure, Failures.retryAfter(failure));
    }

    private long openOnce() throws DeliveryException, InterruptedException, TenureOver {
        Backend backend = tenure.backend();
        BackendContext context = new InstanceContext(tenure.id(), log.id(), ledger.committed(), ledger.committedState(),
                new InstanceContext.Reporter(tenure, ledger), ledger.clock(), settings.paths());
        BatchLimits hard = tenure.call(backend::limits);
        if (hard == null) {
            throw new IllegalStateException("limits() returned null");
        }
        limits = settings.batching().within(hard);
        return tenure.call(() -> backend.open(context));
    }

    /** A failed open may have left something half open; close is allowed at any time. */
    private void close() throws TenureOver {
        try {
            tenure.call(() -> {
                tenure.backend().close();
                return true;
            });
        } catch (DeliveryException | InterruptedException | RuntimeException failure) {
            ledger.log().closeFailed(tenure.id(), failure);
        }
    }

    private long begin(long asked) throws TenureOver, LaneFailure, IOException {
        long committed = ledger.committed();
        long end = log.durableOffset();
        long wanted = asked < 0 ? asked : Math.max(asked, ledger.ownFrom());
        if (wanted < 0) {
            throw new LaneFailure("open() returned offset " + wanted + ": an error in the backend; replace it", null, false);
        }
        if (wanted > end) {
            throw new LaneFailure("the destination says that it holds everything below offset " + wanted + ", but log " + log.id()
                    + " ends at " + end + ": it was filled from another log, or the log has lost its end. Point the backend to a new place,"
                    + " or reset the position at the destination", null, false);
        }
        if (wanted != committed && ledger.replay().filter(replay -> wanted >= replay.to()).isPresent()) {
            ledger.forgetReplay(tenure, wanted);
        }
        long start = Math.max(wanted, log.startOffset());
        if (wanted != committed) {
            ledger.log().movedBy(tenure.id(), committed, wanted);
        }
        if (start > wanted) {
            ledger.missing(tenure, wanted, start);
        }
        ledger.resume(tenure, start, ledger.committedState());
        ledger.log().opened(tenure.id(), start, end);
        pauses.opened();
        ledger.state(tenure, LaneState.OK, "");
        return start;
    }
}
