package io.monitoringhub.runtime.engine;

import io.monitoringhub.ingest.IngestEngine;
import io.monitoringhub.ingest.listening.ListeningSockets;
import io.monitoringhub.runtime.config.HubFolders;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.transport.Transport;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transport instance from its arrival to its departure: started on a thread of its own, tried again while it can't listen.
 *
 * <p>{@link #stop} is called once; the other methods by any thread.
 */
final class TransportSlot {

    private static final Logger LOG = LoggerFactory.getLogger(TransportSlot.class);
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final ComponentId id;
    private final Transport transport;
    private final IngestEngine engine;
    private final HubFolders folders;
    private final ListeningSockets sockets;
    private final Codecs codecs;
    private final Runnable changed;
    private final ComponentHealth health;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread starter;

    TransportSlot(ComponentId id, Transport transport, IngestEngine engine, HubFolders folders, ListeningSockets sockets, Codecs codecs,
            Clock clock, Runnable changed) {
        this.id = id;
        this.transport = transport;
        this.engine = engine;
        this.folders = folders;
        this.sockets = sockets;
        this.codecs = codecs;
        this.changed = changed;
        this.health = new ComponentHealth(clock, ComponentHealth.State.STARTING, "");
        this.starter = new Thread(this::startUntilItListens, id.threadName() + "-start");
    }

    void start() {
        starter.start();
    }

    private void startUntilItListens() {
        long pause = FIRST_PAUSE_MILLIS;
        try {
            do {
                if (tryToStart()) {
                    return;
                }
                pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
            } while (!stopping.await(pause, TimeUnit.MILLISECONDS));
        } catch (InterruptedException wanted) {
            LOG.debug("{}: not started, it is wanted no more", id);
        }
    }

    /** @return whether there is nothing left to try */
    private boolean tryToStart() throws InterruptedException {
        try {
            transport.start(engine.ingest(id, health, folders::resolve, sockets, codecs::find));
            health.ok();
            changed.run();
            return true;
        } catch (IOException mayPass) {
            if (health.condition().state() != ComponentHealth.State.DEGRADED) {
                LOG.warn("{}: {}. It is tried again", id, mayPass.getMessage());
            }
            health.degraded(mayPass.getMessage());
            return false;
        } catch (IllegalArgumentException badConfiguration) {
            LOG.error("{}: its configuration is wrong: {}", id, badConfiguration.getMessage());
            health.failed(badConfiguration.getMessage());
            return true;
        } catch (RuntimeException | LinkageError fault) { // plugin boundary: nothing of a plugin's may end the hub
            LOG.error("{}: cannot start", id, fault);
            health.failed("cannot start: " + fault);
            return true;
        }
    }

    /** Ends it; takes at most about so long. */
    void stop(Duration grace) {
        stopping.countDown();
        health.set(ComponentHealth.State.STOPPING, "");
        starter.interrupt();
        try {
            starter.join(grace.toMillis());
            transport.stop(grace);
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | LinkageError fault) { // plugin boundary
            LOG.error("{}: did not stop in order", id, fault);
        }
    }

    ComponentId id() {
        return id;
    }

    Transport transport() {
        return transport;
    }

    boolean isListening() {
        return !address().isEmpty();
    }

    String address() {
        return transport.address();
    }

    ComponentHealth.Condition condition() {
        return health.condition();
    }
}
