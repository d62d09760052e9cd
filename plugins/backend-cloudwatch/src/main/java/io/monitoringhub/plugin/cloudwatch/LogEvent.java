package io.monitoringhub.plugin.cloudwatch;

/**
 * An entry as an event of CloudWatch Logs.
 *
 * <p>Immutable.
 *
 * @param offset the entry's
 * @param time what it is sent with, Unix milliseconds
 * @param message what is stored
 * @param bytes the message's length in UTF-8
 */
record LogEvent(long offset, long time, String message, int bytes) {

    /** What CloudWatch counts for each event beside its message. */
    private static final int OVERHEAD = 26;

    /** What it counts of a request's size. */
    int size() {
        return bytes + OVERHEAD;
    }

    LogEvent at(long other) {
        return new LogEvent(offset, other, message, bytes);
    }
}
