package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.surface.ComponentReport.Verdict;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Health checks that other bundles have registered, run by Felix with its time limit. Felix's part comes up when the hub is ready already, and
 * the hub's own pages do not depend on it.
 *
 * <p>Thread-safe.
 */
@Component(service = OtherHealthChecks.class)
public final class OtherHealthChecks {

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile HealthCheckExecutor executor;

    /** Those with a tag; none where nobody can run them. */
    List<ComponentReport> reports(String tag) {
        HealthCheckExecutor present = executor;
        return present == null ? List.of()
                : present.execute(HealthCheckSelector.tags(tag, "-" + HubHealthChecks.HUB)).stream().map(OtherHealthChecks::report).toList();
    }

    private static ComponentReport report(HealthCheckExecutionResult executed) {
        Result result = executed.getHealthCheckResult();
        String reason = StreamSupport.stream(result.spliterator(), false).filter(entry -> entry.getStatus() != Result.Status.OK)
                .map(ResultLog.Entry::getMessage).collect(Collectors.joining("; "));
        Verdict verdict = switch (result.getStatus()) {
            case OK -> Verdict.OK;
            case WARN -> Verdict.DEGRADED;
            case TEMPORARILY_UNAVAILABLE, CRITICAL, HEALTH_CHECK_ERROR -> Verdict.UNREADY;
        };
        return new ComponentReport("check " + executed.getHealthCheckMetadata().getTitle(), result.getStatus().name(), verdict, reason,
                executed.getFinishedAt().toInstant());
    }
}
