package io.monitoringhub.spi.backend;

import java.time.Duration;

/**
 * How large a batch a destination takes and how long entries may wait for company.
 *
 * <p>Immutable.
 *
 * @param maxEntries most entries in one batch, at least 1
 * @param maxBytes most bytes of messages in one batch, newlines included, at least 64 KiB; a single entry is never larger than that
 * @param linger how long the first entry of a batch may wait for more; zero writes what is there
 * @param flushAfter how long written entries may wait for {@link Backend#flush}, more than zero
 */
public record BatchLimits(int maxEntries, int maxBytes, Duration linger, Duration flushAfter) {

    /** 100,000 entries, 4 MiB, no waiting, a flush each 250 ms. */
    public static final BatchLimits DEFAULT = new BatchLimits(100_000, 4 << 20, Duration.ZERO, Duration.ofMillis(250));

    /** @throws IllegalArgumentException when a value is out of its range */
    public BatchLimits {
        if (maxEntries < 1 || maxBytes < 65_536 || linger.isNegative() || flushAfter.isNegative() || flushAfter.isZero()) {
            throw new IllegalArgumentException("batch limits need maxEntries >= 1, maxBytes >= 65536, linger >= 0 and flushAfter > 0, not "
                    + maxEntries + ", " + maxBytes + ", " + linger + ", " + flushAfter);
        }
    }
}
