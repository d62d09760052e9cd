package io.monitoringhub.runtime.surface;

import io.monitoringhub.runtime.surface.ComponentReport.Verdict;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /health}: how everything is, for people and for a liveness probe; 200 unless a check of another bundle says that only a restart
 * helps. {@code /ready}: whether clients should come here, for load balancers and a readiness probe; 200 or 503. Thread-safe.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.name=hub-health",
    "osgi.http.whiteboard.servlet.pattern=" + HealthPage.HEALTH, "osgi.http.whiteboard.servlet.pattern=" + HealthPage.READY})
public final class HealthPage extends Page {

    static final String HEALTH = "/health";
    static final String READY = "/ready";

    private static final long serialVersionUID = 1L;

    private final transient HubHealthChecks own;
    private final transient OtherHealthChecks others;

    @Activate
    public HealthPage(@Reference HubHealthChecks own, @Reference OtherHealthChecks others) {
        this.own = own;
        this.others = others;
    }

    @Override
    Content content(HttpServletRequest request) throws IOException {
        List<ComponentReport> reports = new ArrayList<>(own.reports());
        boolean isWell;
        if (request.getServletPath().equals(READY)) {
            reports.addAll(others.reports(HubHealthChecks.READY));
            isWell = HealthJson.worst(reports) != Verdict.UNREADY;
        } else {
            List<ComponentReport> strangers = others.reports(HubHealthChecks.LIVE);
            reports.addAll(strangers);
            isWell = HealthJson.worst(strangers) != Verdict.UNREADY;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        HealthJson.write(body, reports);
        return new Content(isWell ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE, "application/json", body);
    }
}
