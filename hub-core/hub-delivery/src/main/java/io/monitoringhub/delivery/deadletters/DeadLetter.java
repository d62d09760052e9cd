package io.monitoringhub.delivery.deadletters;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An entry that a destination would not take, with all that it takes to deliver it once more.
 *
 * @param lane whose backend refused it
 * @param id the entry's identity
 * @param time when it was refused
 * @param reason one word, for counting
 * @param detail the destination's own words
 * @param entry the entry
 */
public record DeadLetter(String lane, Id id, Instant time, String reason, String detail, Entry entry) {
    public DeadLetter {
        Objects.requireNonNull(lane, "lane");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(entry, "entry");
    }

    /** The entry's place in the log. */
    public long offset() {
        return id.offset();
    }

    /** The name of an entry for ever. */
    public record Id(String logId, long offset) {
        public Id {
            Objects.requireNonNull(logId, "logId");
        }
    }

    /**
     * What was refused.
     *
     * @param source who sent it
     * @param type what it is
     * @param level the level of an event
     * @param timestamp the sender's time stamp in Unix milliseconds
     * @param receivedAt when the hub took it in, in Unix milliseconds
     * @param message the message's bytes without newline; not copied
     */
    public record Entry(String source, MessageType type, Optional<Level> level, long timestamp, long receivedAt, byte[] message) {
        public Entry {
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(level, "level");
            Objects.requireNonNull(message, "message");
        }
    }
}
