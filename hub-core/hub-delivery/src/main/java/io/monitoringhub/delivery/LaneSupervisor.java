package io.monitoringhub.delivery;

import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls {@link Lane#supervise} of all lanes once a second, on one thread for all. Thread-safe. */
public final class LaneSupervisor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LaneSupervisor.class);

    private final Supplier<? extends Collection<Lane>> lanes;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread started = new Thread(work, "hub-lane-supervisor");
        started.setDaemon(true);
        return started;
    });

    /** @param lanes the lanes there are at the moment of each call */
    public LaneSupervisor(Supplier<? extends Collection<Lane>> lanes) {
        this.lanes = lanes;
        thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        for (Lane lane : lanes.get()) {
            try {
                lane.supervise();
            } catch (RuntimeException bug) {
                LOG.error("lane {}: could not be looked after", lane.name(), bug);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
