package io.monitoringhub.runtime.swaps;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One replacement. Immutable.
 *
 * @param file the file in {@code plugins/}
 * @param bundle the bundle's name
 * @param from the version that ran before
 * @param to the version that runs now; equal to {@code from} where it was taken back, or the same version came again
 * @param isRolledBack whether the old one runs again
 * @param at when the old one had stopped
 * @param change how long no version ran
 * @param isSettled whether everything that it concerns was well, or had failed for good, when the last figures were read
 */
public record PluginSwapReport(String file, String bundle, String from, String to, boolean isRolledBack, Instant at, Duration change,
        boolean isSettled, List<LaneSwap> lanes, List<TransportSwap> transports) {

    public PluginSwapReport {
        lanes = List.copyOf(lanes);
        transports = List.copyOf(transports);
    }

    /** Entries and messages that are nowhere; what came in is counted once. */
    public long lost() {
        return lanes.stream().mapToLong(LaneSwap::lost).sum() + transports.stream().mapToLong(TransportSwap::lost).max().orElse(0);
    }

    /** Entries that were delivered twice. */
    public long doubled() {
        return lanes.stream().mapToLong(LaneSwap::doubled).sum();
    }

    /** Lines that came twice and were recognised. */
    public long recognised() {
        return transports.stream().mapToLong(TransportSwap::recognised).max().orElse(0);
    }
}
