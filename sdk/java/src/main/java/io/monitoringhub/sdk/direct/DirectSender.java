package io.monitoringhub.sdk.direct;

import io.monitoringhub.sdk.internal.Counters;
import io.monitoringhub.sdk.internal.Outlet;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Gives each line to each backend: lanes share nothing but the numbers of messages. Thread-safe. */
public final class DirectSender implements Outlet {

    /** How long a backend may take to notice that it is interrupted. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final UUID client = UUID.randomUUID();
    private final AtomicLong numbers = new AtomicLong();
    private final Counters counters;
    private final List<Lane> lanes;

    /** Begins nothing before {@link #start}. Of backends with the same name the first counts. */
    public DirectSender(String source, List<Backend> backends, Limits limits, Counters counters) {
        this.counters = counters;
        Set<String> names = new HashSet<>();
        lanes = backends.stream().filter(backend -> {
            boolean isNew = names.add(backend.name());
            if (!isNew) {
                counters.error("two backends are called " + backend.name() + ": the second gets nothing; give it another name");
            }
            return isNew;
        }).map(backend -> new Lane(source, backend, client, limits, counters, this::count)).toList();
    }

    private void count() {
        counters.acked.set(lanes.stream().mapToLong(lane -> lane.result().delivered()).min().orElse(0));
    }

    @Override
    public boolean start() {
        try {
            lanes.forEach(Lane::start);
            return true;
        } catch (OutOfMemoryError noMoreThreads) {
            counters.error("cannot start the threads of direct mode: " + noMoreThreads);
            lanes.forEach(Lane::end);
            lanes.forEach(Lane::abandon);
            return false;
        }
    }

    @Override
    public void add(byte[] line) {
        long number = numbers.incrementAndGet();
        counters.sent.incrementAndGet();
        for (Lane lane : lanes) {
            lane.offer(number, line);
        }
    }

    @Override
    public boolean flush(Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        boolean all = true;
        try {
            for (Lane lane : lanes) {
                all &= lane.flush(until);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close(Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        lanes.forEach(Lane::end);
        boolean wasInterrupted = false;
        for (Lane lane : lanes) {
            try {
                lane.join(wasInterrupted ? System.nanoTime() : until, GRACE);
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
            lane.abandon();
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What each backend has done, by its name. */
    public Map<String, BackendResult> results() {
        Map<String, BackendResult> results = new LinkedHashMap<>();
        lanes.forEach(lane -> results.put(lane.name(), lane.result()));
        return results;
    }

    @Override
    public boolean isOverflowing() {
        return lanes.stream().anyMatch(Lane::isFull);
    }

    @Override
    public boolean isConnected() {
        return lanes.stream().anyMatch(lane -> lane.result().state() == BackendResult.State.OK);
    }

    @Override
    public String protocol() {
        return "direct";
    }

    @Override
    public Optional<UUID> client() {
        return Optional.of(client);
    }

    @Override
    public int buffered() {
        return lanes.stream().mapToInt(lane -> lane.result().waiting()).max().orElse(0);
    }
}
