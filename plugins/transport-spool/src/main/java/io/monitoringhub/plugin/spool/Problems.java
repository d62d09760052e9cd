package io.monitoringhub.plugin.spool;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.HealthReporter;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong at this look; logged when it is not what was wrong at the last. Used by one thread. */
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final int MOST_TOLD = 3;

    private final ComponentId id;
    private final HealthReporter health;
    private final Set<String> now = new LinkedHashSet<>();
    private int more;
    private String said = "";

    Problems(ComponentId id, HealthReporter health) {
        this.id = id;
        this.health = health;
    }

    void add(String problem) {
        if (now.size() < MOST_TOLD) {
            now.add(problem);
        } else if (!now.contains(problem)) {
            more++;
        }
    }

    /** The look has ended. */
    void report() {
        String problem = String.join("; ", now) + (more > 0 ? "; and " + more + " more" : "");
        now.clear();
        more = 0;
        boolean isNew = !problem.equals(said);
        said = problem;
        if (!problem.isEmpty()) {
            // Again and again: the hub says that all is well once the transport has started, which can be after the first look.
            health.degraded(problem);
            if (isNew) {
                LOG.warn("{}: {}", id, problem);
            }
        } else if (isNew) {
            health.ok();
        }
    }
}
