package io.monitoringhub.ingest;

import io.monitoringhub.log.Durations;
import java.util.Map;

/**
 * Figures since the hub started.
 *
 * @param messages messages that are in the log
 * @param bytes their bytes, newlines included
 * @param refused lines that were refused, by code
 * @param duplicates lines of acknowledged clients that the hub had already
 * @param pendingBytes bytes on the way to the log now
 * @param sessions connections now
 * @param clients acknowledged clients that are remembered now
 * @param pauses how often a transport was asked to stop reading
 * @param lost messages that were received and could not be stored, as when the hub had to stop while its log was full
 * @param tokens lines that came in with each token, by its name
 * @param overRate how often somebody was told to wait because a token had used up its rate
 * @param appends how long messages took from the moment when they were decoded until they were in the log, as durable as it is configured to be
 */
public record IngestStatistics(long messages, long bytes, Map<String, Long> refused, long duplicates, long pendingBytes, long sessions,
        long clients, long pauses, long lost, Map<String, Long> tokens, long overRate, Durations.Snapshot appends) {

    public IngestStatistics {
        refused = Map.copyOf(refused);
        tokens = Map.copyOf(tokens);
    }

    /** All refused lines. */
    public long refusedInAll() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }
}
