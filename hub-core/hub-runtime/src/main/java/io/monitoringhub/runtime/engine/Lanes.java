package io.monitoringhub.runtime.engine;

import io.monitoringhub.delivery.Detachment;
import io.monitoringhub.delivery.Lane;
import io.monitoringhub.delivery.LaneEvents;
import io.monitoringhub.delivery.LaneStatus;
import io.monitoringhub.delivery.deadletters.DeadLetters;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.log.Cursor;
import io.monitoringhub.log.Log;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.LaneConfiguration;
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
 * One lane for each configured backend or failover group, and the backend instances that are there. An instance without a lane waits for it, a lane without
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

    private record Entry(LaneConfiguration configuration, Lane lane) {
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
    void configure(Collection<LaneConfiguration> configured, RouteTable routes) throws IOException {
        Map<String, LaneConfiguration> wanted = new TreeMap<>();
        configured.forEach(lane -> wanted.put(lane.name(), lane));
        List<Entry> leaving = new ArrayList<>();
        List<Entry> changing = new ArrayList<>();
        synchronized (this) {
            lanes.values().removeIf(entry -> {
                LaneConfiguration now = wanted.get(entry.lane().name());
                boolean leaves = now == null || !now.continues(entry.configuration());
                if (leaves) {
                    leaving.add(entry);
                } else if (now.differs(entry.configuration())) {
                    changing.add(entry);
                }
                return leaves;
            });
        }
        for (Entry entry : leaving) {
            Detachment end = entry.lane().drain(Duration.ZERO);
            LOG.info("lane {}: is no longer configured; its position {} is kept", entry.lane().name(), end.committed());
        }
        for (Entry entry : changing) {
            change(entry, wanted.get(entry.lane().name()));
        }
        synchronized (this) {
            for (LaneConfiguration lane : configured) {
                if (!lanes.containsKey(lane.name())) {
                    add(lane, routes);
                }
            }
            lanes.values().forEach(entry -> entry.lane().routes(routes));
        }
    }

    private void change(Entry entry, LaneConfiguration now) {
        Lane lane = entry.lane();
        List<Instance> strangers;
        synchronized (this) {
            lanes.put(lane.name(), new Entry(now, lane));
            strangers = instances.stream().filter(instance -> entry.configuration().contains(instance.id()) && !now.contains(instance.id()))
                    .toList();
        }
        strangers.forEach(instance -> lane.detach(instance.backend()));
        lane.reconfigure(now.settings(folders::resolve, clock));
        synchronized (this) {
            attachInstances(now, lane);
        }
        LOG.info("lane {}: goes on with other settings", lane.name());
    }

    private void add(LaneConfiguration configuration, RouteTable routes) throws IOException {
        boolean isNew = log.cursors().find(configuration.name()).isEmpty();
        Lane lane = new Lane(configuration.settings(folders::resolve, clock), log, routes, deadLetters, clock,
                ThreadLocalRandom.current()::nextLong, LaneEvents.NONE);
        if (isNew) {
            LOG.info("lane {}: is new and begins at offset {} (start: {})", lane.name(), lane.status().committed(),
                    configuration.start().word());
        }
        lanes.put(configuration.name(), new Entry(configuration, lane));
        attachInstances(configuration, lane);
    }

    private void attachInstances(LaneConfiguration configuration, Lane lane) {
        instances.stream().filter(instance -> configuration.contains(instance.id()))
                .forEach(instance -> lane.attach(instance.id(), instance.backend()));
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

    /** The lane of this name, or of the group that a backend of this name is in. */
    synchronized Optional<Lane> lane(String name) {
        return Optional.ofNullable(lanes.get(name)).or(() -> lanes.values().stream().filter(entry -> entry.configuration().members().stream()
                .anyMatch(member -> member.id().name().equals(name))).findFirst()).map(Entry::lane);
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
        return lanes.values().stream().filter(entry -> entry.configuration().contains(id)).findFirst();
    }
}
