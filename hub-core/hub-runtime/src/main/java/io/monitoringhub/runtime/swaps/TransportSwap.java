package io.monitoringhub.runtime.swaps;

import io.monitoringhub.runtime.engine.TransportStatus;
import java.time.Duration;

/**
 * What a replacement meant for a transport. What came in is counted for all transports together. Immutable.
 *
 * @param transport which
 * @param state how it is afterwards
 * @param reason why; empty where all is well
 * @param address where it listens
 * @param logEndBefore the offset of the next entry when the old instance was gone
 * @param logEndAfter the same when the new one listened
 * @param pause how long nobody read; the hub kept the socket meanwhile
 * @param messages messages that became entries between the two readings
 * @param recognised lines that clients sent again and the hub recognised, so that they did not become entries twice
 * @param lost messages that were received and could not be stored
 */
public record TransportSwap(String transport, String state, String reason, String address, long logEndBefore, long logEndAfter,
        Duration pause, long messages, long recognised, long lost) {

    static TransportSwap between(Snapshot before, Snapshot stopped, Snapshot after, TransportStatus now) {
        Duration pause = Duration.between(stopped.at(), now.since());
        return new TransportSwap(now.id().toString(), now.state(), now.reason(), now.address(), stopped.hub().logEnd(), after.hub().logEnd(),
                pause.isNegative() ? Duration.ZERO : pause, after.hub().ingest().messages() - before.hub().ingest().messages(),
                after.hub().ingest().duplicates() - before.hub().ingest().duplicates(),
                after.hub().ingest().lost() - before.hub().ingest().lost());
    }
}
