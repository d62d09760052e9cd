package io.monitoringhub.runtime.surface;

import io.monitoringhub.correlation.CorrelatorStatus;
import io.monitoringhub.correlation.merge.MergerStatus;
import io.monitoringhub.correlation.merge.SpanMerger;
import io.monitoringhub.delivery.LaneState;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.deadletters.DeadLetterFiles;
import io.monitoringhub.ingest.IngestStatistics;
import io.monitoringhub.log.LogStatistics;
import io.monitoringhub.runtime.engine.HubEngine;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.plugins.PluginCatalog;
import io.monitoringhub.runtime.plugins.RefusalCounters;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What the hub counts anyway, as metrics: made when somebody asks, so that nothing on the way of a message pays for it. Thread-safe. */
final class HubMetrics implements MultiCollector {

    private final HubEngine engine;
    private final PluginCatalog plugins;

    /** The states of {@link TransportStatus#state()}. */
    private enum TransportState { WAITING, STARTING, OK, DEGRADED, FAILED, STOPPING }

    HubMetrics(HubEngine engine, PluginCatalog plugins) {
        this.engine = engine;
        this.plugins = plugins;
    }

    @Override
    public MetricSnapshots collect() {
        HubStatus status = engine.status();
        Families families = new Families();
        hub(families, status);
        ingest(families, status.ingest());
        log(families, status);
        lanes(families, status.lanes(), engine.deadLetters());
        components(families, status.transports(), plugins.plugins());
        refusals(families, plugins.refusals());
        correlator(families, engine.correlator().status());
        merger(families, engine.merger().map(SpanMerger::status).orElse(MergerStatus.OFF));
        return families.build();
    }

    private static void hub(Families to, HubStatus status) {
        to.gauge("hub_start_time_seconds", "When the hub started, in Unix time.", status.startedAt().toEpochMilli() / 1e3);
        to.gauge("hub_stopping", "1 while the hub takes no more messages because it ends.", status.isStopping() ? 1 : 0);
        to.counters("hub_config_reloads", "How often the configuration was read again, by what came of it.",
                Map.of("used", status.reloads(), "refused", status.refusedReloads()).entrySet(), each -> Labels.of("result", each.getKey()),
                Map.Entry::getValue);
        to.gauge("hub_config_in_use", "1 while the configuration on disk is the one in use, 0 while it is refused.",
                status.configurationProblem().isEmpty() ? 1 : 0);
    }

    private static void ingest(Families to, IngestStatistics ingest) {
        to.counter("hub_ingest_messages", "Messages that are in the log.", ingest.messages());
        to.counter("hub_ingest_bytes", "Their bytes, newlines included.", ingest.bytes());
        to.counters("hub_ingest_refused", "Lines that were refused, by code.", ingest.refused().entrySet(),
                each -> Labels.of("code", each.getKey()), Map.Entry::getValue);
        to.counter("hub_ingest_duplicates", "Lines of acknowledged clients that the hub had already.", ingest.duplicates());
        to.counter("hub_ingest_lost", "Messages that were received and could not be stored.", ingest.lost());
        to.counter("hub_ingest_pauses", "How often a transport was asked to stop reading.", ingest.pauses());
        to.gauge("hub_ingest_pending_bytes", "Bytes on the way to the log.", ingest.pendingBytes());
        to.gauge("hub_ingest_sessions", "Connections and requests that are open.", ingest.sessions());
        to.gauge("hub_ingest_clients", "Acknowledged clients that are remembered.", ingest.clients());
        to.counters("hub_ingest_token_lines", "Lines that came in with each token.", ingest.tokens().entrySet(),
                each -> Labels.of("token", each.getKey()), Map.Entry::getValue);
        to.counter("hub_ingest_over_rate", "How often somebody was told to wait because a token had used up its rate.", ingest.overRate());
        to.histogram("hub_ingest_append_seconds", "From the moment when messages were decoded until they could be acknowledged; one for each "
                + "frame, which is what one read brought.", ingest.appends());
    }

    private static void log(Families to, HubStatus status) {
        LogStatistics log = status.log();
        to.gauge("hub_log_first_offset", "The offset of the first entry that the log holds.", status.logStart());
        to.gauge("hub_log_next_offset", "The offset of the next entry.", status.logEnd());
        to.gauge("hub_log_bytes", "What the log occupies on disk.", log.bytes());
        to.gauge("hub_log_segments", "In how many segments.", log.segments());
        to.gauge("hub_log_writable", "1 while the log takes entries; 0 while it can't, as on a full disk.", log.condition().equals("ok") ? 1 : 0);
        to.counter("hub_log_appended_entries", "Entries that became durable.", log.appendedEntries());
        to.counter("hub_log_appended_frames", "Frames that became durable.", log.appendedFrames());
        to.counter("hub_log_appended_bytes", "Bytes of frames that became durable.", log.appendedBytes());
        to.counter("hub_log_dropped_entries", "Entries that retention removed before every lane had passed them.", log.droppedEntries());
        to.counter("hub_log_quarantined_frames", "Corrupt stretches that were set aside.", log.quarantinedFrames());
        to.histogram("hub_log_sync_seconds", "How long the disk took to make data durable, each time.", log.syncs());
    }

    private static void lanes(Families to, List<LaneStatus> lanes, DeadLetterFiles deadLetters) {
        Function<LaneStatus, Labels> name = lane -> Labels.of("lane", lane.name());
        to.states("hub_lane_state", "The lane's state.", LaneState.values(), lanes, name, lane -> lane.state().name());
        to.gauges("hub_lane_lag_entries", "Durable entries that the lane has not passed, its own and others'.", lanes, name, LaneStatus::lagEntries);
        to.gauges("hub_lane_lag_bytes", "Their bytes in the log.", lanes, name, LaneStatus::lagBytes);
        to.gauges("hub_lane_lag_seconds", "The age of the first of them.", lanes, name, lane -> lane.lag().toMillis() / 1e3);
        to.gauges("hub_lane_committed_offset", "Where the lane goes on after a crash.", lanes, name, LaneStatus::committed);
        to.gauges("hub_lane_breaker_open", "1 while the breaker is open or half-open.", lanes, name, lane -> lane.breaker().equals("closed") ? 0 : 1);
        to.counters("hub_lane_written_entries", "Entries that the backend took.", lanes, name, lane -> lane.counters().writtenEntries());
        to.counters("hub_lane_written_bytes", "Bytes of their messages.", lanes, name, lane -> lane.counters().writtenBytes());
        to.counters("hub_lane_batches", "Calls of the backend that took something.", lanes, name, lane -> lane.counters().batches());
        to.counters("hub_lane_retried_entries", "Entries that were sent again because the backend asked for it.", lanes, name,
                lane -> lane.counters().retriedEntries());
        to.counters("hub_lane_failures", "Calls of the backend that failed and were or will be tried again.", lanes, name,
                lane -> lane.counters().failures());
        to.counters("hub_lane_rejected_entries", "Entries that became dead letters.", lanes, name, lane -> lane.counters().rejectedEntries());
        to.counters("hub_lane_missing_entries", "Entries that the log no longer had when their turn came.", lanes, name,
                lane -> lane.counters().missingEntries());
        to.counters("hub_lane_unreadable_entries", "Entries in frames that this hub can't read.", lanes, name,
                lane -> lane.counters().unreadableEntries());
        to.counters("hub_lane_abandoned_instances", "Backend instances that did not give their thread back.", lanes, name,
                lane -> lane.counters().abandonedInstances());
        to.gauges("hub_dead_letters_bytes", "What the lane's dead letters occupy on disk.", lanes, name, lane -> bytes(deadLetters, lane.name()));
        to.counters("hub_dead_letters_dropped", "Dead letters that had to make room for later ones.", lanes, name,
                lane -> deadLetters.dropped(lane.name()));
        to.gauges("hub_lane_last_swap_pause_seconds", "From the last delivery of the instance that went to the first of the one that came.",
                lanes.stream().filter(lane -> lane.lastSwap().isPresent()).toList(), name,
                lane -> lane.lastSwap().orElseThrow().pause().toNanos() / 1e9);
    }

    private static double bytes(DeadLetterFiles deadLetters, String lane) {
        try {
            return deadLetters.bytes(lane);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read the dead letters of lane " + lane, failure);
        }
    }

    private static void components(Families to, List<TransportStatus> transports, List<Plugin> plugins) {
        to.states("hub_transport_state", "The transport's state.", TransportState.values(), transports,
                transport -> Labels.of("type", transport.id().type(), "name", transport.id().name()), TransportStatus::state);
        to.states("hub_plugin_state", "What became of the jar in plugins/.", Plugin.State.values(), plugins,
                plugin -> Labels.of("file", plugin.file()), plugin -> plugin.state().name());
        to.infos("hub_plugin", "The bundle that runs.", plugins.stream().filter(plugin -> !plugin.name().isEmpty()).toList(),
                plugin -> Labels.of("file", plugin.file(), "bundle", plugin.name(), "version", plugin.version()));
    }

    private static void refusals(Families to, RefusalCounters refusals) {
        to.counters("hub_plugin_refused", "Jars that were refused or taken back, by reason.", refusals.refused().entrySet(),
                each -> Labels.of("reason", each.getKey().name().toLowerCase(Locale.ROOT)), Map.Entry::getValue);
        to.counter("hub_plugin_unverified", "Jars that were started although their signature is not good (plugins.verify: warn).",
                refusals.unverified());
    }

    private static void merger(Families to, MergerStatus merger) {
        to.counter("hub_merged_spans", "Complete spans that were added to the log as one message.", merger.merged());
        to.counter("hub_merged_spans_given_up", "Halves of spans that had to make room before the other half came.", merger.givenUp());
        to.gauge("hub_merged_spans_waiting", "Halves of spans that wait for the other half.", merger.waiting());
        to.gauge("hub_merged_spans_lag_entries", "Durable entries that were not yet looked through for spans.", merger.lagEntries());
    }

    private static void correlator(Families to, CorrelatorStatus correlator) {
        to.gauge("hub_correlator_lag_entries", "Durable entries that the correlator has not seen yet.", correlator.lagEntries());
        to.gauge("hub_correlator_traces", "Traces in memory.", correlator.traces());
        to.gauge("hub_correlator_spans", "Spans in memory.", correlator.spans());
        to.gauge("hub_correlator_jobs", "Jobs in memory.", correlator.jobs());
        to.gauge("hub_correlator_bytes", "Estimated memory of traces and jobs.", correlator.bytes());
        to.counter("hub_correlator_evicted_traces", "Traces that had to make room.", correlator.evictedTraces());
        to.counter("hub_correlator_evicted_jobs", "Jobs that had to make room.", correlator.evictedJobs());
        to.counter("hub_correlator_skipped_entries", "Entries that the correlator jumped over because it was too far behind.",
                correlator.skippedEntries());
    }
}
