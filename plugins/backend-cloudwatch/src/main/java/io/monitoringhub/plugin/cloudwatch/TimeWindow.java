package io.monitoringhub.plugin.cloudwatch;

import java.time.Duration;

/**
 * The times that CloudWatch takes at one moment, a little narrowed: the request is still on its way, and clocks differ.
 *
 * <p>Immutable.
 *
 * @param now the moment, Unix milliseconds
 * @param oldest the first time that is taken
 * @param newest the last time that is taken
 */
record TimeWindow(long now, long oldest, long newest) {

    private static final Duration LONGEST = Duration.ofDays(14);
    private static final Duration AHEAD = Duration.ofHours(2);
    private static final Duration MARGIN = Duration.ofMinutes(5);

    /** @param retentionDays of the log group, or 0 */
    static TimeWindow at(long now, int retentionDays) {
        Duration age = retentionDays == 0 || retentionDays > LONGEST.toDays() ? LONGEST : Duration.ofDays(retentionDays);
        return new TimeWindow(now, now - age.minus(MARGIN).toMillis(), now + AHEAD.minus(MARGIN).toMillis());
    }

    boolean holds(long time) {
        return time >= oldest && time <= newest;
    }

    /** The time to send an entry with: the sender's where CloudWatch takes it, else that of the receipt, else this moment. */
    long stamp(long timestamp, long receivedAt) {
        if (holds(timestamp)) {
            return timestamp;
        }
        return holds(receivedAt) ? receivedAt : now;
    }

    /** One word for a time that this window does not hold. */
    String reason(long time) {
        return time < oldest ? "too_old" : "too_new";
    }
}
