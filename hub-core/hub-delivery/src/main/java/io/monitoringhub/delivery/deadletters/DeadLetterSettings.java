package io.monitoringhub.delivery.deadletters;

import java.util.Objects;

/**
 * How much room each lane's dead letters have, and what happens when it is used up. Immutable.
 *
 * @param maxBytes most bytes for each lane
 * @param onFull what happens then
 */
public record DeadLetterSettings(long maxBytes, OnFull onFull) {

    /** 256 MiB a lane; then its lane waits. */
    public static final DeadLetterSettings DEFAULT = new DeadLetterSettings(256L << 20, OnFull.BLOCK);

    /** What happens when the room is used up. */
    public enum OnFull {
        /** The lane stops and keeps its entries until a person has made room. */
        BLOCK,
        /** The oldest letters go; counted and said. */
        DROP_OLDEST
    }

    /** @throws IllegalArgumentException when there is no room at all */
    public DeadLetterSettings {
        Objects.requireNonNull(onFull, "onFull");
        if (maxBytes < 1) {
            throw new IllegalArgumentException("max_size of dead letters needs at least 1 byte, not " + maxBytes);
        }
    }
}
