package io.monitoringhub.log;

/**
 * Figures of a log at one moment; counters begin at zero when the log is opened.
 *
 * @param bytes what the log occupies on disk
 * @param segments in how many segments
 * @param appendedFrames frames that became durable
 * @param appendedEntries entries that became durable
 * @param appendedBytes bytes of payload that became durable
 * @param syncs how long the disk took, each time that it was asked to make data durable
 * @param quarantinedFrames corrupt stretches that were set aside
 * @param droppedEntries entries that retention removed before every cursor had passed them
 * @param condition {@code "ok"}, or why the log does not take entries now, for a person
 */
public record LogStatistics(long bytes, int segments, long appendedFrames, long appendedEntries, long appendedBytes, Durations.Snapshot syncs,
        long quarantinedFrames, long droppedEntries, String condition) {
}
