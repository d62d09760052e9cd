package io.monitoringhub.runtime.engine;

import io.monitoringhub.delivery.LaneState;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.runtime.config.ConfigurationChanges;
import io.monitoringhub.runtime.config.ConfigurationException;
import io.monitoringhub.runtime.config.Configurations;
import io.monitoringhub.runtime.config.Effective;
import io.monitoringhub.runtime.config.HubConfiguration;
import io.monitoringhub.runtime.config.LoadedConfiguration;
import io.monitoringhub.spi.ComponentId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration that is in use, and why the one on disk is not if it isn't. A bad one changes nothing.
 *
 * <p>Thread-safe.
 */
final class LiveConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(LiveConfiguration.class);

    private final Configurations source;
    private final Effective started;
    private volatile LoadedConfiguration inUse;
    private volatile Optional<Exception> problem = Optional.empty();
    private volatile long reloads;
    private volatile long refusals;

    /** Makes the hub what a configuration says; what did not change is not touched. */
    interface Use {
        void apply(HubConfiguration wanted) throws IOException;
    }

    LiveConfiguration(Configurations source) throws ConfigurationException {
        this.source = source;
        this.inUse = source.read();
        this.started = inUse.effective();
        inUse.hub().warnings().forEach(LOG::warn);
    }

    HubConfiguration hub() {
        return inUse.hub();
    }

    /** Names of the jars that it needs. */
    Set<String> plugins() {
        return inUse.plugins();
    }

    /** What holds; what only a start changes, as it was then. */
    Effective effective() {
        return inUse.effective().asStartedWith(started);
    }

    /** In what the file differs from what is in use. */
    ConfigurationChanges differences() throws ConfigurationException {
        return ConfigurationChanges.between(effective(), source.read().effective());
    }

    /** Reads it again, and uses it if it is good. */
    synchronized Reload reload(Use use) {
        try {
            LoadedConfiguration wanted = source.read();
            ConfigurationChanges changes = ConfigurationChanges.between(inUse.effective(), wanted.effective());
            use.apply(wanted.hub());
            boolean isNews = !changes.isEmpty() || problem.isPresent();
            wanted.hub().warnings().stream().filter(warning -> !inUse.hub().warnings().contains(warning)).forEach(LOG::warn);
            inUse = wanted;
            problem = Optional.empty();
            reloads++;
            String message = "configuration " + source.file().path() + " was read again: "
                    + (changes.isEmpty() ? "nothing changed" : changes.sentence());
            if (isNews) {
                LOG.info(message);
            }
            return new Reload(true, message);
        } catch (ConfigurationException | IOException bad) {
            boolean isNews = problem.isEmpty() || !bad.getMessage().equals(problem.get().getMessage());
            problem = Optional.of(bad);
            refusals++;
            String message = bad.getMessage() + "\nThe hub goes on with the configuration that it has";
            if (isNews) {
                LOG.error(message);
            }
            return new Reload(false, message);
        }
    }

    /** How often it was read again since the start and used. */
    long reloads() {
        return reloads;
    }

    /** How often it was read again since the start and refused. */
    long refusals() {
        return refusals;
    }

    /** Why the configuration as it is on disk is not used; empty when it is. */
    Optional<String> problem() {
        return problem.map(Exception::getMessage);
    }

    /** A transport whose configuration on disk is refused needs somebody, even if it goes on with the one that it has. */
    TransportStatus marked(TransportStatus status) {
        List<String> problems = problemsOf(status.id());
        boolean wasWell = status.state().equals(ComponentHealth.State.OK.name());
        return problems.isEmpty() ? status : new TransportStatus(status.id(), wasWell ? ComponentHealth.State.DEGRADED.name() : status.state(),
                reason(status.reason(), problems), status.address(), status.since());
    }

    /** The same for a lane. */
    LaneStatus marked(LaneStatus status) {
        List<String> problems = hub().lanes().stream().filter(lane -> lane.name().equals(status.name())).flatMap(lane -> lane.members().stream())
                .flatMap(member -> problemsOf(member.id()).stream()).toList();
        return problems.isEmpty() ? status : new LaneStatus(status.name(), status.state() == LaneState.OK ? LaneState.DEGRADED : status.state(),
                reason(status.reason(), problems), status.since(), status.backend(), status.position(), status.committed(), status.logEnd(),
                status.lagBytes(), status.lag(), status.breaker(), status.counters(), status.lastError(), status.lastSwap());
    }

    private static String reason(String before, List<String> problems) {
        return (before.isEmpty() ? "" : before + "; ") + String.join("; ", problems);
    }

    private List<String> problemsOf(ComponentId id) {
        return problem.map(bad -> bad instanceof ConfigurationException several ? several.linesOf(id) : List.<String>of()).orElse(List.of());
    }
}
