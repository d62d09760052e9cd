package io.monitoringhub.sdk.direct;

import java.util.List;

/** Where a lane delivers to: one backend, or several of which the first that works is used. Written to by one thread at a time, read by all. */
interface Target {

    /** @param isUrgent whether those that are left alone for a while are tried, too */
    WriteResult write(Batch batch, boolean isUrgent) throws DeliveryException;

    /** The backends, in the order in which they are tried. */
    List<Destination> destinations();

    /** Closes the backends. */
    void close();
}
