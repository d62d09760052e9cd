package io.monitoringhub.correlation;

/**
 * Figures of a correlator at one moment; counters begin at zero when it is created.
 *
 * @param condition {@code "ok"}, or what is wrong, for a person
 * @param position the offset of the next entry that it looks at
 * @param lagEntries how many durable entries it has not seen yet
 * @param traces traces held now
 * @param spans spans held now
 * @param jobs jobs held now
 * @param bytes estimated memory of what is held now
 * @param seenEntries entries that it passed, most of them without looking inside
 * @param parsedEntries entries whose message it read
 * @param malformedEntries entries whose message did not hold what its type needs
 * @param unreadableFrames frames whose inside this hub does not understand
 * @param uncountedEntries traced events and metrics that were not counted because it was behind
 * @param skippedEntries entries that it jumped over because it was too far behind
 * @param missingEntries entries that the log no longer had when their turn came
 * @param evictedTraces traces that had to make room
 * @param evictedJobs jobs that had to make room
 * @param droppedSpans messages of spans for which their trace had no room
 */
public record CorrelatorStatus(String condition, long position, long lagEntries, int traces, int spans, int jobs, long bytes,
        long seenEntries, long parsedEntries, long malformedEntries, long unreadableFrames, long uncountedEntries, long skippedEntries,
        long missingEntries, long evictedTraces, long evictedJobs, long droppedSpans) {
}
