package io.monitoringhub.runtime.swaps;

import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.spi.ComponentId;
import java.time.Instant;
import java.util.Optional;

/** The hub at one moment of a replacement. Immutable. */
record Snapshot(HubStatus hub) {

    Instant at() {
        return hub.at();
    }

    Optional<LaneStatus> lane(String name) {
        return hub.lanes().stream().filter(lane -> lane.name().equals(name)).findFirst();
    }

    Optional<TransportStatus> transport(ComponentId id) {
        return hub.transports().stream().filter(transport -> transport.id().equals(id)).findFirst();
    }
}
