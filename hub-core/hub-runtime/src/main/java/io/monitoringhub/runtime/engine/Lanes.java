package io.monitoringhub.runtime.engine;

import io.monitoringhub.delivery.Detachment;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneEvents;
import io.monitoringhub.delivery.LaneSettings;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.deadletters.DeadLetters;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.InstanceConfiguration;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.Backend;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane for each configured backend, and the backend instances that are there. An instance without a lane waits for it, a lane without
 * an instance waits, too. Thread-safe; its lock is never held while a backend is waited for.
 */
final class Lanes {

    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final Log log;
    private final HubFolders folders;
    private final DeadLetters deadLetters;
    private final Clock clock;
    private final Map<String, Entry> lanes = new TreeMap<>();
    private final List<Instance> instances = new ArrayList<>();

    private record Entry(ComponentId id, Lane lane) {
    }

    private record Instance(ComponentId id, Backend backend) {
    }

    Lanes(Log log, HubFolders folders, DeadLetters deadLetters, Clock clock) {
        this.log = log;
        this.folders = folders;
        this.deadLetters = deadLetters;
        this.clock = clock;
    }

    /**
     * Makes the lanes those that are configured; what did not change is not touched.
     *
     * @throws IOException when a new lane's position can't be stored
     */
    void configure(Collection<InstanceConfiguration> backends, RouteTable routes) throws IOException {
        List<Entry> leaving = new ArrayList<>();
        synchronized (this) {
            Map<String, ComponentId> wanted = new TreeMap<>();
            backends.forEach(backend -> wanted.put(backend.id().name(), backend.id()));
            lanes.values().removeIf(entry -> {
                boolean leaves = !entry.id().equals(wanted.get(entry.id().name()));
                if (leaves) {
                    leaving.add(entry);
                }
                return leaves;
            });
        }
        for (Entry entry : leaving) {
            Detachment end = entry.lane().drain(Duration.ZERO);
            LOG.info("lane {}: is no longer configured; its position {} is kept", entry.lane().name(), end.committed());
        }
        synchronized (this) {
            for (InstanceConfiguration backend : backends) {
                if (!lanes.containsKey(backend.id().name())) {
                    add(backend, routes);
                }
            }
            lanes.values().forEach(entry -> entry.lane().routes(routes));
        }
    }

    private void add(InstanceConfiguration backend, RouteTable routes) throws IOException {
        ComponentId id = backend.id();
        boolean isNew = log.cursors().find(id.name()).isEmpty();
        LaneSettings settings = LaneSettings.of(id.name(), folders::resolve).forType(id.type()).with(backend.start().at(clock));
        Lane lane = new Lane(settings, log, routes, deadLetters, clock, ThreadLocalRandom.current()::nextLong, LaneEvents.NONE);
        if (isNew) {
            LOG.info("lane {}: is new and begins at offset {} (start: {})", id.name(), lane.status().committed(), backend.start().word());
        }
        lanes.put(id.name(), new Entry(id, lane));
        instances.stream().filter(instance -> instance.id().equals(id)).forEach(instance -> lane.attach(id, instance.backend()));
    }

    synchronized void attach(ComponentId id, Backend backend) {
        // SCR can bind a service twice that comes while the component comes up.
        if (instances.stream().anyMatch(known -> known.backend() == backend)) {
            return;
        }
        instances.add(new Instance(id, backend));
        entry(id).ifPresent(entry -> entry.lane().attach(id, backend));
    }

    /** Strangers are welcome. Returns when the lane has let go of the instance. */
    void detach(Backend backend) {
        Optional<Lane> lane;
        synchronized (this) {
            Optional<Instance> leaving = instances.stream().filter(instance -> instance.backend() == backend).findFirst();
            leaving.ifPresent(instances::remove);
            lane = leaving.flatMap(instance -> entry(instance.id())).map(Entry::lane);
        }
        lane.ifPresent(owner -> owner.detach(backend));
    }

    synchronized Optional<Lane> lane(String name) {
        return Optional.ofNullable(lanes.get(name)).map(Entry::lane);
    }

    synchronized List<Lane> all() {
        return lanes.values().stream().map(Entry::lane).toList();
    }

    List<LaneStatus> status() {
        return all().stream().map(Lane::status).toList();
    }

    /** Positions in the log that no configured lane belongs to: they hold back what the log could remove. */
    List<Cursor> orphans() {
        List<String> configured = all().stream().map(Lane::name).toList();
        return log.cursors().all().stream().filter(cursor -> !configured.contains(cursor.name())).toList();
    }

    /**
     * Forgets the position of a lane that is configured no more.
     *
     * @return whether there was one
     */
    boolean forget(String name) throws IOException {
        if (orphans().stream().noneMatch(cursor -> cursor.name().equals(name))) {
            return false;
        }
        log.cursors().drop(name);
        LOG.info("lane {}: its position is forgotten", name);
        return true;
    }

    /** Delivers what can be delivered within the limit, all lanes side by side, and lets go of all backends. */
    void drain(Duration limit) throws InterruptedException {
        List<Thread> drains = new ArrayList<>();
        for (Lane lane : all()) {
            Thread drain = new Thread(() -> drain(lane, limit), "hub-drain-" + lane.name());
            drain.start();
            drains.add(drain);
        }
        for (Thread drain : drains) {
            drain.join();
        }
    }

    private void drain(Lane lane, Duration limit) {
        Detachment end = lane.drain(limit);
        long left = log.durableOffset() - end.committed();
        LOG.info("lane {}: stopped at offset {}{}", lane.name(), end.committed(),
                left > 0 ? "; " + left + " entries wait in the log for the next start" : "; nothing is left to deliver");
    }

    private Optional<Entry> entry(ComponentId id) {
        return Optional.ofNullable(lanes.get(id.name())).filter(entry -> entry.id().equals(id));
    }
}
