package io.monitoringhub.runtime.stream;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.Optional;

/**
 * An entry of the log.
 *
 * @param offset its identity in this log
 * @param source who sent it
 * @param type what it is
 * @param level an event's
 * @param time the sender's, in Unix milliseconds
 * @param message its JSON, on one line
 */
public record LogEntry(long offset, String source, MessageType type, Optional<Level> level, long time, String message) {
}
