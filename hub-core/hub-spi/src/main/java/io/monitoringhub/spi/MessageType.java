package io.monitoringhub.spi;

import java.util.Locale;
import java.util.Optional;

/**
 * The types of messages of protocol version 1 that become entries. The order is part of the log's format: new types go to the end.
 */
public enum MessageType {
    EVENT, METRIC, PROGRESS, RESOURCE, SPAN, HEARTBEAT, GOODBYE;

    private static final MessageType[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The type as it stands in a message's {@code type} field. */
    public String word() {
        return word;
    }

    /** The type with this word, if there is one. */
    public static Optional<MessageType> of(String word) {
        for (MessageType type : ALL) {
            if (type.word.equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * The type with this ordinal, as entries in the log carry it.
     *
     * @throws IndexOutOfBoundsException when there is no such type
     */
    public static MessageType at(int ordinal) {
        return ALL[ordinal];
    }
}
