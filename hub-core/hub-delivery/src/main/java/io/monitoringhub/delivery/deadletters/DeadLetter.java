package io.monitoringhub.delivery.deadletters;

import java.time.Instant;
import java.util.Objects;

/**
 * An entry that a destination will never take.
 *
 * @param lane whose backend refused it
 * @param logId with {@code offset} the entry's identity
 * @param offset the entry's place in the log
 * @param time when it was refused
 * @param source who sent it
 * @param reason one word, for counting
 * @param detail the destination's own words
 * @param message the message's bytes without newline; not copied
 */
public record DeadLetter(String lane, String logId, long offset, Instant time, String source, String reason, String detail, byte[] message) {
    public DeadLetter {
        Objects.requireNonNull(lane, "lane");
        Objects.requireNonNull(logId, "logId");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(message, "message");
    }
}
