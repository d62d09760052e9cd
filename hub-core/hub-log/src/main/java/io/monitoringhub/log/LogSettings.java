package io.monitoringhub.log;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How a log is kept. Immutable.
 *
 * @param folder where; created when missing; one process at a time
 * @param durability what is true when an append is called durable
 * @param segmentBytes size at which a new segment begins, 64 KiB to 1 GiB
 * @param retain how long entries are kept that every cursor has passed
 * @param maxBytes the disk budget: entries that some cursor still needs are kept up to here, at least four segments
 * @param onFull what happens when the budget is reached and a cursor still needs the oldest segment
 */
public record LogSettings(Path folder, Durability durability, long segmentBytes, Duration retain, long maxBytes, OnFull onFull) {

    /** What an acknowledgement means. */
    public enum Durability {
        /** On disk: fdatasync has returned. A power cut takes nothing back. */
        SYNC,
        /** With the operating system: a crash of the process takes nothing back, a power cut may. */
        OS
    }

    /** What to do when the disk budget is reached. */
    public enum OnFull {
        /** Take no more until there is room: nothing is lost. */
        BLOCK,
        /** Remove the oldest segment although a cursor needs it; counted. */
        DROP_OLDEST
    }

    /** @throws IllegalArgumentException when a value is out of its range */
    public LogSettings {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(durability, "durability");
        Objects.requireNonNull(onFull, "onFull");
        if (segmentBytes < 1 << 16 || segmentBytes > 1 << 30) {
            throw new IllegalArgumentException("segment size must be 64 KiB to 1 GiB, not " + segmentBytes + " bytes");
        }
        if (maxBytes < 4 * segmentBytes) {
            throw new IllegalArgumentException("the log's size limit of " + maxBytes + " bytes is less than four segments of "
                    + segmentBytes + " bytes each: raise the limit or lower the segment size");
        }
        if (retain.isNegative()) {
            throw new IllegalArgumentException("the log can't be retained for less than no time: " + retain);
        }
    }
}
