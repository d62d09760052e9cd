package io.monitoringhub.runtime.engine;

import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.runtime.config.InstanceConfiguration;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The transports that are configured and those that are there. Thread-safe. */
final class Transports {

    /** SCR waits no longer than 5 s for an unbind. */
    private static final Duration UNBIND_GRACE = Duration.ofSeconds(2);

    private final IngestEngine engine;
    private final HubFolders folders;
    private final ListeningSockets sockets;
    private final Codecs codecs;
    private final Clock clock;
    private final ReadyFile ready;
    private final Map<String, ComponentId> configured = new TreeMap<>();
    /** By PID: since when there has been no instance. */
    private final Map<String, Instant> absentSince = new TreeMap<>();
    private final List<TransportSlot> slots = new ArrayList<>();
    private boolean waitsForPlugins = true;
    private boolean waitsForBundles = true;
    private boolean stopped;

    Transports(IngestEngine engine, HubFolders folders, ListeningSockets sockets, Codecs codecs, Clock clock, ReadyFile ready) {
        this.engine = engine;
        this.folders = folders;
        this.sockets = sockets;
        this.codecs = codecs;
        this.clock = clock;
        this.ready = ready;
    }

    void configure(Collection<InstanceConfiguration> instances) {
        Set<ComponentId> gone;
        synchronized (this) {
            gone = new HashSet<>(configured.values());
            configured.clear();
            instances.forEach(instance -> configured.put(instance.id().pid(), instance.id()));
            absentSince.keySet().retainAll(configured.keySet());
            configured.keySet().forEach(pid -> absentSince.putIfAbsent(pid, clock.instant()));
            gone.removeAll(configured.values());
        }
        gone.forEach(sockets::forget);
        showReadiness();
    }

    void add(ComponentId id, Transport transport) {
        TransportSlot slot = new TransportSlot(id, transport, engine, folders, sockets, codecs, clock, this::showReadiness);
        synchronized (this) {
            // SCR can bind a service twice that comes while the component comes up.
            if (stopped || slots.stream().anyMatch(known -> known.transport() == transport)) {
                return;
            }
            slots.add(slot);
        }
        slot.start();
    }

    /** Strangers are welcome: a component that failed to come up is taken away all the same. */
    void remove(Transport transport) {
        List<TransportSlot> leaving;
        synchronized (this) {
            leaving = slots.stream().filter(slot -> slot.transport() == transport).toList();
            slots.removeAll(leaving);
            leaving.forEach(slot -> absentSince.replace(slot.id().pid(), clock.instant()));
        }
        leaving.forEach(slot -> {
            slot.stop(UNBIND_GRACE);
            if (!isConfigured(slot.id())) {
                sockets.forget(slot.id());
            }
        });
        if (!leaving.isEmpty()) {
            showReadiness();
        }
    }

    private synchronized boolean isConfigured(ComponentId id) {
        return configured.containsKey(id.pid());
    }

    /** Stops all; no new one starts afterwards. */
    void stop(Duration grace) {
        List<TransportSlot> leaving;
        synchronized (this) {
            stopped = true;
            leaving = List.copyOf(slots);
            slots.clear();
        }
        ready.clear();
        leaving.forEach(slot -> slot.stop(grace));
        sockets.close();
    }

    /** One line a configured transport, and one for each that should not be there. */
    synchronized List<TransportStatus> status() {
        Map<String, TransportStatus> all = new TreeMap<>();
        configured.forEach((pid, id) -> all.put(pid, new TransportStatus(id, ComponentHealth.State.WAITING.name(),
                "waiting for a bundle that provides transport type " + id.type(), "", absentSince.getOrDefault(pid, clock.instant()))));
        for (TransportSlot slot : slots) {
            ComponentHealth.Condition condition = slot.condition();
            all.put(slot.id().pid(), new TransportStatus(slot.id(), condition.state().name(), condition.reason(), slot.address(),
                    condition.since()));
        }
        return List.copyOf(all.values());
    }

    /** Each plugin that the hub needs and that lay there at the start has been judged: before, the hub is not ready, though it takes messages. */
    void pluginsAreThere() {
        synchronized (this) {
            waitsForPlugins = false;
        }
        showReadiness();
    }

    /** Plugins had time to come: a transport whose bundle is not there keeps nobody waiting any more. */
    void waitNoLonger() {
        synchronized (this) {
            waitsForPlugins = false;
            waitsForBundles = false;
        }
        showReadiness();
    }

    private void showReadiness() {
        List<String> addresses;
        boolean allListen;
        synchronized (this) {
            if (stopped || waitsForPlugins) {
                return;
            }
            allListen = waitsForBundles ? configured.keySet().stream().allMatch(pid -> slots.stream()
                    .anyMatch(slot -> slot.id().pid().equals(pid) && slot.isListening()))
                    : !slots.isEmpty() && slots.stream().allMatch(TransportSlot::isListening);
            addresses = slots.stream().filter(TransportSlot::isListening).map(slot -> slot.id().name() + "=" + slot.address()).sorted().toList();
        }
        if (allListen) {
            ready.write(addresses);
        }
    }
}
