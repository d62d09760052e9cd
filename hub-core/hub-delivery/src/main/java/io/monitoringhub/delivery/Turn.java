package io.monitoringhub.delivery;

import io.monitoringhub.spi.backend.DeliveryException;
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
