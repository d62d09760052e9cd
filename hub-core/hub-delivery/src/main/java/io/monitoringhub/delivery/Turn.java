package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.DeliveryException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * An instance's turn: its tenure with all that works for it. Immutable.
 *
 * @param slot whose turn it is
 * @param since when it began, in nanoseconds
 */
record Turn(Slot slot, Tenure tenure, Delivery delivery, Pauses pauses, long since) {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final long INTERRUPT_EVERY_NANOS = 100_000_000L;
    /** How long a call of a member that has been down may hold up the others. */
    private static final long PROBE_NANOS = Duration.ofSeconds(10).toNanos();

    /**
     * The whole life of the tenure's thread, up to close. The only place where any throwable of a plugin ends.
     *
     * @return why the lane has failed; empty where it has not
     */
    String work(LaneLog log) {
        MDC.put("component", slot.id().toString());
        String failure = "";
        try {
            delivery.run();
        } catch (TenureOver over) {
            LOG.debug("{}: over", slot.id());
        } catch (LaneFailure failed) {
            LOG.debug("{}: failed", slot.id(), failed);
            failure = Failures.message(failed);
        } catch (RuntimeException bug) {
            LOG.error("{}: an error in the lane or its backend", slot.id(), bug);
            failure = "unexpected " + bug + ": see the log, then replace the backend or retry the lane";
        } catch (Error broken) {
            LOG.error("{}: the instance is broken", slot.id(), broken);
            failure = "the backend's code is broken or was taken away: " + broken + ". Replace the bundle or retry the lane";
        }
        close(log);
        return failure;
    }

    private void close(LaneLog log) {
        try {
            if (tenure.isAbandoned()) {
                tenure.backend().close();
            } else {
                tenure.call(() -> {
                    tenure.backend().close();
                    return true;
                });
            }
        } catch (TenureOver | DeliveryException | InterruptedException | RuntimeException | Error failure) {
            log.closeFailed(slot.id(), failure);
        }
    }

    /** Asks the instance to finish where another in the row should have the turn. The lane's lock is held. */
    void giveWay(Row row, boolean isForced, LaneLog log) {
        if (tenure.isStopping()) {
            return;
        }
        Optional<Slot> better = row.better(this, isForced);
        if (better.isPresent()) {
            log.returns(slot.id(), better.get().id());
            tenure.stop();
        } else if (row.hasRelief(slot)) {
            if (pauses.isDown()) {
                tenure.stop();
            } else if (slot.isOnProbation() && pauses.isOpen() && tenure.callNanos() > PROBE_NANOS) {
                tenure.interrupt();
            }
        }
    }

    /** Why the instance has to be abandoned; empty where it has not. */
    Optional<String> stuck(LaneSettings.Grace grace) {
        if (tenure.isDone()) {
            return Optional.of("its thread died; replace the backend or retry the lane");
        }
        return tenure.callNanos() <= grace.call().toNanos() ? Optional.empty()
                : Optional.of("a call has taken longer than " + grace.call().toSeconds() + " s. Entries are kept; see why the destination"
                        + " does not answer, then replace the backend, or retry the lane once its thread is back");
    }

    /** Asks the thread to finish, then interrupts it; if that does not help, abandoning it is the caller's. */
    Detachment.Manner end(LaneSettings.Grace grace, LongSupplier nanoTime) {
        tenure.stop();
        if (tenure.awaitDone(grace.stop().toNanos())) {
            return Detachment.Manner.FINISHED;
        }
        long until = nanoTime.getAsLong() + grace.interrupt().toNanos();
        do {
            tenure.interrupt();
            if (tenure.awaitDone(INTERRUPT_EVERY_NANOS)) {
                return Detachment.Manner.INTERRUPTED;
            }
        } while (nanoTime.getAsLong() - until < 0);
        return Detachment.Manner.ABANDONED;
    }
}
