package io.monitoringhub.benchmarks.load;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * What a run sent and what was acknowledged. Immutable.
 *
 * @param connections one report each
 * @param firstNanos {@link System#nanoTime} of the first byte
 * @param lastNanos of the last byte, or of the last acknowledgement
 * @param cpuNanos processor time of the generator's own threads, in user and kernel mode
 * @param ackLatencies from a block's first byte to its acknowledgement
 */
public record LoadReport(List<ConnectionReport> connections, long firstNanos, long lastNanos, long cpuNanos,
        LatencyHistogram ackLatencies) {
    public LoadReport {
        connections = List.copyOf(connections);
    }

    /** Different messages that the kernel took whole. */
    public long sent() {
        return sum(ConnectionReport::sent);
    }

    /** Messages that the hub acknowledged. */
    public long acked() {
        return sum(ConnectionReport::acked);
    }

    /** Messages that the hub refused. */
    public long refused() {
        return sum(ConnectionReport::refused);
    }

    /** How often connections broke and were tried again. */
    public long reconnects() {
        return sum(ConnectionReport::reconnects);
    }

    /** How often the hub knew less than it had acknowledged. */
    public long regressions() {
        return sum(ConnectionReport::regressions);
    }

    /** From the first byte to the last, or to the last acknowledgement. */
    public double seconds() {
        return (lastNanos - firstNanos) / 1e9;
    }

    /** Processor time of the generator per message that the kernel took. */
    public double cpuMicrosPerMessage() {
        return cpuNanos / 1e3 / Math.max(1, sum(ConnectionReport::accepted));
    }

    /** Highest sent message by connection. */
    public Map<Integer, Long> sentByConnection() {
        return byConnection(ConnectionReport::sent);
    }

    /** Highest acknowledged message by connection. */
    public Map<Integer, Long> ackedByConnection() {
        return byConnection(ConnectionReport::acked);
    }

    /** Whether no connection gave up, nothing was refused and nothing acknowledged was forgotten. */
    public boolean isClean() {
        return connections.stream().noneMatch(ConnectionReport::failed) && refused() == 0 && regressions() == 0;
    }

    /** The first few problems of all connections. */
    public List<String> problems() {
        return connections.stream().flatMap(connection -> connection.problems().stream()).limit(20).toList();
    }

    private long sum(ToLongFunction<ConnectionReport> value) {
        return connections.stream().mapToLong(value).sum();
    }

    private Map<Integer, Long> byConnection(ToLongFunction<ConnectionReport> value) {
        return connections.stream()
                .collect(Collectors.toMap(ConnectionReport::id, value::applyAsLong, (a, b) -> a, TreeMap::new));
    }
}
