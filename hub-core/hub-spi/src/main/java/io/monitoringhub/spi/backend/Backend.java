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
 * <p><b>Delivery.</b> At least once, in the order of offsets; batches may be cut differently after a crash. The pair (log id, offset)
 * names an entry for ever. A destination that stores it, or the position together with the data, holds every entry exactly once.
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
     * Makes durable what was written.
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
