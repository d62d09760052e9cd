package io.monitoringhub.spi.backend;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Delivers entries to one external system.
 *
 * <p><b>Life.</b> The constructor stores its configuration and does nothing else. The hub calls {@link #open}, then any number of
 * {@link #write} and {@link #flush}, then {@link #close}; afterwards perhaps {@code open} again.
 *
 * <p><b>Threads.</b> One call at a time, all on the lane's thread, never on an OSGi callback. Calls may block; an interrupt means: give
 * the thread back within a second, by {@link InterruptedException} or by finishing.
 *
 * <p><b>Delivery.</b> At least once, in the order of offsets. After a crash the entries from the position on that {@link #open} returned
 * come again: the same, in the same order, but for those that a changed route now leaves out or lets in, and for those that the log had
 * to give up. Batches and flushes may be cut differently. The pair (log id, offset) names an entry for ever. A destination that stores it,
 * or the position together with the data, holds every entry exactly once.
 *
 * <p><b>Plans.</b> What {@code flush} returns is stored before the next {@link #write} or {@link #flush}; while it can't be stored, there is
 * none. So a destination that needs the same boundaries after a crash, such as objects that are replaced as a whole, returns its plan first
 * (the position as it was, where the object ends as state), and begins the object with the call after that.
 *
 * <p><b>Out of order.</b> A person can have rejected entries delivered again: a batch of those has offsets below what was written before,
 * and the {@link #flush} behind it covers it, too. A backend that rejects entries must not skip it because its offsets are low.
 */
@ConsumerType
public interface Backend {

    /** The destination's hard limits for one {@link #write}, known without connecting. */
    default BatchLimits limits() {
        return BatchLimits.DEFAULT;
    }

    /**
     * Validates the whole configuration, connects, and puts the destination into the state of the last commit.
     *
     * @param context what the hub knows about this instance; valid until {@link #close}
     * @return the offset of the next entry it wants: its own stored position where the destination keeps one, else
     *         {@link BackendContext#committed()}
     * @throws PermanentDeliveryException when a person must act; the message names all problems at once
     * @throws TransientDeliveryException when trying again later may help
     * @throws InterruptedException when the thread was wanted back
     */
    long open(BackendContext context) throws DeliveryException, InterruptedException;

    /**
     * Hands entries to the destination. Not yet a promise that they survive a crash: that is {@link #flush}.
     *
     * @param batch at least one entry; its memory is the hub's and valid only until this method returns
     * @return what became of each entry
     * @throws TransientDeliveryException when none was taken, and the same batch may pass later
     * @throws PermanentDeliveryException when nothing will pass until a person acts
     * @throws BatchRefusedException when this content will not pass and it is not known which entry is to blame
     * @throws InterruptedException when the thread was wanted back; the batch will come again
     */
    WriteResult write(Batch batch) throws DeliveryException, InterruptedException;

    /**
     * Makes durable what was written. May hold back a part, or all of it, by returning less; it is asked again, {@link BatchLimits#flushAfter}
     * later at most, and given no more than the lane's {@code max_in_flight} meanwhile.
     *
     * @param next every entry below this offset that the lane selects has been written, rejected or dead-lettered
     * @return how far it is safe now; the hub ignores more than {@code next}
     * @throws DeliveryException as for {@link #write}
     * @throws InterruptedException when the thread was wanted back
     */
    default Commit flush(long next) throws DeliveryException, InterruptedException {
        return Commit.upTo(next);
    }

    /** Lets go of everything. Idempotent, bounded to a few seconds, never throws; may be called without {@link #open}. */
    void close();
}
