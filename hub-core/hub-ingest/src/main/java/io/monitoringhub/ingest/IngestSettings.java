package io.monitoringhub.ingest;

import java.time.Duration;

/**
 * How messages are taken in. Immutable.
 *
 * @param maxMessageBytes the longest line, its newline included; at least 1 KiB
 * @param pauseAboveBytes transports stop reading while more bytes than this wait for the log; at least 1 MiB
 * @param clockTolerance entries whose time stamp is further than this from the hub's time are marked
 * @param maxClients how many acknowledged clients are remembered; the longest unused one is forgotten first
 * @param rememberClients how long an acknowledged client is remembered that is not heard of; should not be less than the log retains
 */
public record IngestSettings(int maxMessageBytes, long pauseAboveBytes, Duration clockTolerance, int maxClients,
        Duration rememberClients) {

    /** 64 KiB a line, 48 MiB on the way to the log, marks beyond a day, 100,000 clients for a week. */
    public static final IngestSettings DEFAULT = new IngestSettings(65_536, 48L << 20, Duration.ofHours(24), 100_000,
            Duration.ofDays(7));

    /** @throws IllegalArgumentException when a value is out of its range */
    public IngestSettings {
        if (maxMessageBytes < 1024 || pauseAboveBytes < 1 << 20 || clockTolerance.isNegative() || maxClients < 1
                || rememberClients.isNegative()) {
            throw new IllegalArgumentException("ingest needs maxMessageBytes >= 1024, pauseAboveBytes >= 1 MiB, clockTolerance >= 0,"
                    + " maxClients >= 1 and rememberClients >= 0, not " + maxMessageBytes + ", " + pauseAboveBytes + ", " + clockTolerance
                    + ", " + maxClients + ", " + rememberClients);
        }
    }

    /** Reading goes on once fewer bytes than this wait for the log. */
    long resumeBelowBytes() {
        return pauseAboveBytes / 2;
    }
}
