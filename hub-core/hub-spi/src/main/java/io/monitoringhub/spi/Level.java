package io.monitoringhub.spi;

import java.util.Locale;
import java.util.Optional;

/** How grave an event is. The order is part of the log's format and means rising gravity: new levels can't be added in between. */
public enum Level {
    DEBUG, INFO, WARN, ERROR, FATAL;

    private static final Level[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The level as it stands in an event's {@code data.level}. */
    public String word() {
        return word;
    }

    /** The level with this word, if there is one. */
    public static Optional<Level> of(String word) {
        for (Level level : ALL) {
            if (level.word.equals(word)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /**
     * The level with this ordinal, as entries in the log carry it.
     *
     * @throws IndexOutOfBoundsException when there is no such level
     */
    public static Level at(int ordinal) {
        return ALL[ordinal];
    }
}
