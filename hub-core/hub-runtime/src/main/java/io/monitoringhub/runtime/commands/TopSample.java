package io.monitoringhub.runtime.commands;

import io.monitoringhub.command.Json;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.spi.ComponentId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Counters at one moment; two of them make rates. Immutable.
 *
 * @param messages what came in through each transport
 */
record TopSample(HubStatus status, Map<ComponentId, Long> messages, long nanos) {

    static TopSample of(HubEngine engine) {
        HubStatus status = engine.status();
        return new TopSample(status, status.transports().stream().map(TransportStatus::id)
                .collect(Collectors.toMap(id -> id, engine::messagesOf, (one, other) -> one)), System.nanoTime());
    }

    private Instant at() {
        return status.at();
    }

    /** What happened from the one before to this. */
    Answer since(TopSample before) {
        double seconds = Math.max(1, nanos - before.nanos()) / 1e9;
        double in = (status.ingest().messages() - before.status().ingest().messages()) / seconds;
        double inBytes = (status.ingest().bytes() - before.status().ingest().bytes()) / seconds;
        TextTable transports = new TextTable().column("TRANSPORT").column("STATE").column("IN/S").column("ADDRESS", 1).column("REASON");
        List<Object> transportDocuments = status.transports().stream().<Object>map(transport -> {
            double rate = (messages.getOrDefault(transport.id(), 0L) - before.messages().getOrDefault(transport.id(), 0L)) / seconds;
            transports.row(transport.id(), transport.state(), rate(rate), transport.address(), transport.reason());
            return Json.map("transport", transport.id(), "state", transport.state(), "reason", transport.reason(), "in_per_second", round(rate));
        }).toList();
        TextTable lanes = new TextTable().column("LANE").column("STATE").column("OUT/S").column("BYTES/S", 2).column("BEHIND")
                .column("LAG").column("DEAD", 1).column("REASON");
        List<Object> laneDocuments = status.lanes().stream().<Object>map(lane -> {
            Optional<LaneStatus.Counters> old = before.status().lanes().stream().filter(each -> each.name().equals(lane.name()))
                    .map(LaneStatus::counters).findFirst();
            double out = (lane.counters().writtenEntries() - old.map(LaneStatus.Counters::writtenEntries).orElse(0L)) / seconds;
            double bytes = (lane.counters().writtenBytes() - old.map(LaneStatus.Counters::writtenBytes).orElse(0L)) / seconds;
            lanes.row(lane.name(), lane.state(), rate(out), Figures.bytes(Math.round(bytes)), Figures.count(lane.lagEntries()),
                    Figures.seconds(lane.lag()), lane.counters().rejectedEntries(), lane.reason());
            return Json.map("lane", lane.name(), "state", lane.state(), "reason", lane.reason(), "out_per_second", round(out),
                    "out_bytes_per_second", round(bytes), "behind_entries", lane.lagEntries(), "behind_bytes", lane.lagBytes(),
                    "lag_seconds", HubJson.seconds(lane.lag()), "rejected_entries", lane.counters().rejectedEntries());
        }).toList();
        Map<String, Object> document = Json.map("at", at(), "seconds", round(seconds), "in_per_second", round(in),
                "in_bytes_per_second", round(inBytes), "sessions", status.ingest().sessions(), "pending_bytes", status.ingest().pendingBytes(),
                "log_bytes", status.log().bytes(), "transports", transportDocuments, "lanes", laneDocuments);
        return Answer.ok(document, screen -> {
            screen.line(String.format(Locale.ROOT, "%s  in %s/s, %s/s  %d connections  log %s", at().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                    rate(in), Figures.bytes(Math.round(inBytes)), status.ingest().sessions(), Figures.bytes(status.log().bytes())));
            screen.table(transports);
            screen.table(lanes);
        });
    }

    private static String rate(double perSecond) {
        return Figures.count(Math.round(perSecond));
    }

    private static double round(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
