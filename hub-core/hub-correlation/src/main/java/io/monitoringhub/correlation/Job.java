package io.monitoringhub.correlation;

import java.util.Optional;

/**
 * How far a job is. Immutable.
 *
 * @param id the job's id
 * @param source who reported last
 * @param traceId the trace that the job belongs to, if a report named one
 * @param percent 0 to 100
 * @param status as last reported; can be empty
 * @param firstProgressAt the sender's time of the earliest report, in Unix milliseconds
 * @param lastProgressAt the sender's time of the latest report, which is where percent, status and source are from
 */
public record Job(String id, String source, Optional<String> traceId, double percent, String status, long firstProgressAt,
        long lastProgressAt) {
}
