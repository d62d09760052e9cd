package io.monitoringhub.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** A load that is being sent. Thread-safe. Owns the generator's threads and joins them in {@link #await}. */
public final class LoadRun implements AutoCloseable {
    private final List<LoadWorker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    LoadRun(LoadSettings settings) throws IOException {
        for (int i = 0; i < settings.threads(); i++) {
            LoadWorker worker = new LoadWorker(settings, i);
            Thread thread = new Thread(worker, "load-" + i);
            thread.setUncaughtExceptionHandler((failed, cause) -> {
                synchronized (failures) {
                    failures.add(cause);
                }
            });
            workers.add(worker);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** Messages that the kernel took whole so far, each counted once. */
    public long sent() {
        return sum(LoadConnection::sent);
    }

    /** Messages that the hub acknowledged so far. */
    public long acked() {
        return sum(LoadConnection::acked);
    }

    /** Highest acknowledged message by connection, so far. */
    public Map<Integer, Long> ackedByConnection() {
        Map<Integer, Long> acked = new TreeMap<>();
        workers.forEach(worker -> worker.connections().forEach(connection -> acked.put(connection.id(), connection.acked())));
        return acked;
    }

    /** Whether the generator still works. */
    public boolean isRunning() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    /** Sends nothing new; what was begun is completed, and acknowledged in acknowledged sessions. Returns at once. */
    public void stop() {
        workers.forEach(LoadWorker::finish);
    }

    /** Closes all connections, whatever is under way. Returns at once. */
    public void abort() {
        workers.forEach(LoadWorker::abort);
    }

    /** Waits until everything is sent (plain) or acknowledged, or every connection has given up. */
    public LoadReport await() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw new IllegalStateException("the load generator itself failed", failures.get(0));
            }
        }
        return report();
    }

    /** Aborts what still runs and waits for the threads. */
    @Override
    public void close() throws InterruptedException {
        abort();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private LoadReport report() {
        LatencyHistogram latencies = new LatencyHistogram();
        List<ConnectionReport> reports = new ArrayList<>();
        long cpu = 0;
        for (LoadWorker worker : workers) {
            latencies.add(worker.latencies());
            cpu += worker.cpuNanos();
            worker.connections().forEach(connection -> reports.add(connection.report()));
        }
        reports.sort((a, b) -> Integer.compare(a.id(), b.id()));
        long first = reports.stream().filter(report -> report.firstNanos() != 0).mapToLong(ConnectionReport::firstNanos).min().orElse(0);
        long last = reports.stream().filter(report -> report.lastNanos() != 0).mapToLong(ConnectionReport::lastNanos).max().orElse(first);
        return new LoadReport(reports, first, last, cpu, latencies);
    }

    private long sum(ToLongFunction<LoadConnection> value) {
        return workers.stream().flatMap(worker -> worker.connections().stream()).mapToLong(value).sum();
    }
}
