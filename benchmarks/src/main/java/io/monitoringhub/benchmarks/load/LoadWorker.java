package io.monitoringhub.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * A thread's share of the connections: one selector, writes of one block per turn, so that connections take turns.
 *
 * <p>Used by one thread at a time, but for {@link #finish}, {@link #abort} and the counters.
 */
final class LoadWorker implements Runnable {
    private static final long TICK_NANOS = 10_000_000;
    /** Direct memory for pages; many connections get smaller blocks. */
    private static final int PAGES_BYTES = 64 << 20;

    private final LoadSettings settings;
    private final Selector selector;
    private final List<LoadConnection> connections = new ArrayList<>();
    private final LatencyHistogram latencies = new LatencyHistogram();
    private volatile boolean finishing;
    private volatile boolean aborting;
    private boolean finishSeen;
    private int turn;
    private long cpuNanos;

    LoadWorker(LoadSettings settings, int index) throws IOException {
        this.settings = settings;
        selector = Selector.open();
        for (int i = index; i < settings.connections(); i += settings.threads()) {
            connections.add(new LoadConnection(settings, i, PAGES_BYTES / settings.connections(), selector, latencies));
        }
    }

    @Override
    public void run() {
        try (selector) {
            long start = settings.nanos().getAsLong();
            double share = settings.rate() * connections.size() / settings.connections();
            Pacer pacer = settings.rate() == 0 ? null : new Pacer(share, start);
            loop(pacer, start);
        } catch (IOException e) {
            throw new UncheckedIOException("the generator's selector failed", e);
        } finally {
            cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            connections.forEach(LoadConnection::abort);
        }
    }

    /** Sends nothing new; returns at once. */
    void finish() {
        finishing = true;
        selector.wakeup();
    }

    /** Closes every connection; returns at once. */
    void abort() {
        aborting = true;
        selector.wakeup();
    }

    List<LoadConnection> connections() {
        return connections;
    }

    /** After the thread has ended. */
    LatencyHistogram latencies() {
        return latencies;
    }

    /** After the thread has ended. */
    long cpuNanos() {
        return cpuNanos;
    }

    private void loop(Pacer pacer, long start) throws IOException {
        long nextTick = start;
        boolean settled = false;
        while (!aborting && !connections.isEmpty()) {
            long now = settings.nanos().getAsLong();
            if (now - nextTick >= 0) {
                nextTick = now + TICK_NANOS;
                settled = tick(now);
                if (connections.stream().allMatch(LoadConnection::isOver)) {
                    return;
                }
            }
            if (finishing && !finishSeen) {
                finishSeen = true;
                connections.forEach(connection -> connection.finish(now));
                nextTick = now;
            }
            if (pacer != null) {
                share(pacer.due(now), now);
            }
            selector.select(this::ready, pacer != null && !finishSeen ? settings.stepMillis() : settled ? 20 : 5);
        }
    }

    private void ready(SelectionKey key) {
        ((LoadConnection) key.attachment()).ready(settings.nanos().getAsLong());
    }

    /** @return whether every connection is up or over, so that time alone brings nothing */
    private boolean tick(long now) {
        boolean settled = true;
        for (LoadConnection connection : connections) {
            connection.tick(now);
            settled &= connection.isStreaming() || connection.isOver();
        }
        return settled;
    }

    /** Divides {@code due} messages among the connections that still want some; what doesn't divide goes round in turns. */
    private void share(long due, long now) {
        long wanting = connections.stream().filter(LoadConnection::wantsMore).count();
        if (due == 0 || wanting == 0) {
            return;
        }
        long extra = due % wanting;
        int start = turn;
        for (int i = 0; i < connections.size(); i++) {
            int index = (start + i) % connections.size();
            LoadConnection connection = connections.get(index);
            if (!connection.wantsMore()) {
                continue;
            }
            long messages = due / wanting + (extra > 0 ? 1 : 0);
            turn = extra > 0 ? index + 1 : turn;
            extra--;
            if (messages == 0) {
                return;
            }
            connection.grant(messages, now);
        }
    }
}
