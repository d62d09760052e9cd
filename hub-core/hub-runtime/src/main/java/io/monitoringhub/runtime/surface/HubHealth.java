package io.monitoringhub.runtime.surface;

import io.monitoringhub.delivery.LaneState;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.runtime.config.LaneConfiguration;
import io.monitoringhub.runtime.engine.HubStatus;
import io.monitoringhub.runtime.engine.TransportStatus;
import io.monitoringhub.runtime.plugins.Plugin;
import io.monitoringhub.runtime.surface.ComponentReport.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Judges the parts of the hub at one moment. Has no state. */
final class HubHealth {

    private HubHealth() {
    }

    /** The hub itself: does it still take messages? */
    static ComponentReport hub(HubStatus status) {
        return status.isStopping()
                ? new ComponentReport("hub", "STOPPING", Verdict.UNREADY, "the hub delivers what it has and ends; send to another", status.at())
                : new ComponentReport("hub", "OK", Verdict.OK, "", status.startedAt());
    }

    /** The log: without it nothing can be acknowledged. */
    static ComponentReport log(HubStatus status) {
        String condition = status.log().condition();
        return condition.equals("ok") ? new ComponentReport("log", "OK", Verdict.OK, "", status.startedAt())
                : new ComponentReport("log", "BLOCKED", Verdict.UNREADY, condition, status.at());
    }

    /** The configuration: a bad one changes nothing, but somebody wanted it. */
    static ComponentReport configuration(HubStatus status) {
        return status.configurationProblem()
                .map(problem -> new ComponentReport("configuration", "REFUSED", Verdict.DEGRADED, problem, status.at()))
                .orElse(new ComponentReport("configuration", "OK", Verdict.OK, "", status.startedAt()));
    }

    /** The transports: one that does not listen is a door that clients find closed. */
    static List<ComponentReport> transports(HubStatus status) {
        return status.transports().stream().map(HubHealth::transport).toList();
    }

    private static ComponentReport transport(TransportStatus transport) {
        Verdict verdict = switch (transport.state()) {
            case "OK" -> Verdict.OK;
            case "DEGRADED" -> Verdict.DEGRADED;
            default -> Verdict.UNREADY;
        };
        return new ComponentReport(transport.id().toString(), transport.state(), verdict, transport.reason(), transport.since());
    }

    /** The lanes: entries of one that has failed wait in the log, so only one that is required makes the hub unready. */
    static List<ComponentReport> lanes(HubStatus status, Collection<LaneConfiguration> configured) {
        Set<String> required = configured.stream().filter(LaneConfiguration::isRequired).map(LaneConfiguration::name).collect(Collectors.toSet());
        List<ComponentReport> reports = new ArrayList<>();
        for (LaneStatus lane : status.lanes()) {
            Verdict verdict = lane.state() == LaneState.OK ? Verdict.OK
                    : lane.state() == LaneState.FAILED && required.contains(lane.name()) ? Verdict.UNREADY : Verdict.DEGRADED;
            reports.add(new ComponentReport("lane " + lane.name(), lane.state().name(), verdict, lane.reason(), lane.since()));
        }
        return reports;
    }

    /** The plugins: a refused jar stops nothing, but it is not what its owner meant. Nothing is said against a new one. */
    static List<ComponentReport> plugins(Collection<Plugin> plugins) {
        return plugins.stream().map(plugin -> new ComponentReport("plugin " + plugin.file(), plugin.state().name(),
                plugin.state() == Plugin.State.ACTIVE || plugin.state() == Plugin.State.NEW ? Verdict.OK : Verdict.DEGRADED,
                plugin.state() == Plugin.State.ACTIVE ? "" : (plugin.state().label() + " " + plugin.detail()).strip(), plugin.since())).toList();
    }
}
