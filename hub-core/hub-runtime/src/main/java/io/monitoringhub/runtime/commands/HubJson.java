package io.monitoringhub.runtime.commands;

import static io.monitoringhub.command.Json.map;

import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.SwapReport;
import io.monitoringhub.ingest.IngestStatistics;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.runtime.plugins.Plugin;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What commands show, as documents whose names of fields stay. Has no state. */
final class HubJson {

    private HubJson() {
    }

    static Map<String, Object> status(HubStatus status) {
        return map("name", status.name(), "at", status.at(), "started_at", status.startedAt(), "pid", ProcessHandle.current().pid(),
                "stopping", status.isStopping(), "data", status.folders().data(), "configuration", configuration(status), "log", log(status),
                "ingest", ingest(status.ingest()), "transports", status.transports().stream().map(HubJson::transport).toList(),
                "lanes", status.lanes().stream().map(HubJson::lane).toList());
    }

    private static Map<String, Object> configuration(HubStatus status) {
        return map("file", status.folders().configuration(), "in_use", status.configurationProblem().isEmpty(),
                "problem", status.configurationProblem(), "reloads", status.reloads(), "refused_reloads", status.refusedReloads());
    }

    private static Map<String, Object> log(HubStatus status) {
        return map("first_offset", status.logStart(), "next_offset", status.logEnd(), "bytes", status.log().bytes(),
                "segments", status.log().segments(), "condition", status.log().condition(), "dropped_entries", status.log().droppedEntries());
    }

    static Map<String, Object> ingest(IngestStatistics ingest) {
        return map("messages", ingest.messages(), "bytes", ingest.bytes(), "refused", new TreeMap<>(ingest.refused()),
                "duplicates", ingest.duplicates(), "pending_bytes", ingest.pendingBytes(), "sessions", ingest.sessions(),
                "clients", ingest.clients(), "pauses", ingest.pauses(), "lost", ingest.lost(), "over_rate", ingest.overRate(),
                "tokens", new TreeMap<>(ingest.tokens()));
    }

    static Map<String, Object> transport(TransportStatus transport) {
        return map("transport", transport.id(), "type", transport.id().type(), "name", transport.id().name(), "state", transport.state(),
                "reason", transport.reason(), "address", transport.address(), "since", transport.since());
    }

    static Map<String, Object> lane(LaneStatus lane) {
        LaneStatus.Counters counters = lane.counters();
        Map<String, Object> all = map("lane", lane.name(), "state", lane.state(), "reason", lane.reason(), "since", lane.since(),
                "backend", lane.backend(), "committed", lane.committed(), "position", lane.position(), "log_end", lane.logEnd(),
                "behind_entries", lane.lagEntries(), "behind_bytes", lane.lagBytes(), "lag_seconds", seconds(lane.lag()),
                "breaker", lane.breaker());
        all.putAll(map("written_entries", counters.writtenEntries(), "written_bytes", counters.writtenBytes(), "batches", counters.batches(),
                "rejected_entries", counters.rejectedEntries(), "retried_entries", counters.retriedEntries(), "failures", counters.failures(),
                "missing_entries", counters.missingEntries(), "unreadable_entries", counters.unreadableEntries(),
                "abandoned_instances", counters.abandonedInstances(),
                "last_error", lane.lastError().map(error -> map("at", error.at(), "message", error.message())),
                "last_swap", lane.lastSwap().map(HubJson::swap)));
        return all;
    }

    private static Map<String, Object> swap(SwapReport swap) {
        return map("from", swap.from(), "to", swap.to(), "committed", swap.committed(), "resumed_at", swap.resumedAt(),
                "first_offset", swap.firstOffset(), "last_delivery", swap.lastDelivery(), "first_delivery", swap.firstDelivery(),
                "pause_ms", swap.pause().toMillis());
    }

    static Map<String, Object> plugin(Plugin plugin) {
        return map("file", plugin.file(), "bundle", text(plugin.name()), "version", text(plugin.version()),
                "state", plugin.state().name().toLowerCase(java.util.Locale.ROOT), "detail", text(plugin.detail()), "since", plugin.since());
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
