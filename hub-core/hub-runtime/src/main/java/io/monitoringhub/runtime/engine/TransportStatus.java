package io.monitoringhub.runtime.engine;

import io.monitoringhub.spi.ComponentId;
import java.time.Instant;

/**
 * A transport at one moment. Immutable.
 *
 * @param id who
 * @param state WAITING, STARTING, OK, DEGRADED, FAILED or STOPPING
 * @param reason why; empty where all is well
 * @param address where it listens; empty while it does not
 * @param since when it came into this state
 */
public record TransportStatus(ComponentId id, String state, String reason, String address, Instant since) {
}
