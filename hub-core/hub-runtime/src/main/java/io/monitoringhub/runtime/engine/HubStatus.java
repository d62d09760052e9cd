package io.monitoringhub.runtime.engine;

import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.ingest.IngestStatistics;
import io.monitoringhub.log.LogStatistics;
import io.monitoringhub.runtime.config.HubFolders;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The hub at one moment. Immutable.
 *
 * @param at which moment
 * @param isStopping whether it takes no more messages because it ends
 * @param reloads how often the configuration was read again and used
 * @param refusedReloads how often it was read again and could not be used
 * @param configurationProblem why the configuration file, as it is now, is not used; empty when it is
 */
public record HubStatus(String name, Instant at, Instant startedAt, HubFolders folders, boolean isStopping, long reloads,
        long refusedReloads, Optional<String> configurationProblem, LogStatistics log, long logStart, long logEnd,
        IngestStatistics ingest, List<TransportStatus> transports, List<LaneStatus> lanes) {
}
