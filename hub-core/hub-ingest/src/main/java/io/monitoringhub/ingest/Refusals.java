package io.monitoringhub.ingest;

import io.monitoringhub.protocol.Refusal;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Peer;

/** Where refused lines go. Thread-safe; never blocks. */
public interface Refusals {

    /**
     * A line was refused.
     *
     * @param bytes where the line lies; the callee copies what it keeps
     * @param from where it begins
     * @param to behind its last byte
     */
    void refused(ComponentId transport, Peer peer, Refusal refusal, byte[] bytes, int from, int to);
}
