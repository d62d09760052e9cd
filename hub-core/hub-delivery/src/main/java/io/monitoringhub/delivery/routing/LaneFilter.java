package io.monitoringhub.delivery.routing;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a route table selects for one lane, remembered per source: all pairs of type and level fit the bits of one number, so that routing
 * an entry is an array look-up and a shift.
 *
 * <p>Used by one thread at a time.
 */
public final class LaneFilter {

    private static final int MOST_SOURCES = 10_000;
    private static final MessageType[] TYPES = MessageType.values();
    private static final Level[] LEVELS = Level.values();

    private final RouteTable table;
    private final String lane;
    private final Map<String, Long> selections = new HashMap<>();

    LaneFilter(RouteTable table, String lane) {
        this.table = table;
        this.lane = lane;
    }

    /** The table that this filter was made from. */
    public RouteTable table() {
        return table;
    }

    /** The number of the bit in {@link #selection} that stands for a {@link io.monitoringhub.entries.Chunk#routeKey}, whatever its source. */
    public static int bit(int routeKey) {
        return routeKey >>> 5 & 0x38 | routeKey & 0x07;
    }

    /** The number of a key's source within its chunk. */
    public static int sourceNumber(int routeKey) {
        return routeKey >>> 16;
    }

    /** Tells whether this hub knows the key's type and level. An entry of another has been written by a newer hub. */
    public static boolean isKnown(int routeKey) {
        return (routeKey >>> 8 & 0xFF) < TYPES.length && (routeKey & 0x07) <= LEVELS.length;
    }

    /** The pairs of type and level that the lane gets from this source, one bit each, see {@link #bit}. */
    public long selection(String source) {
        Long known = selections.get(source);
        if (known != null) {
            return known;
        }
        if (selections.size() >= MOST_SOURCES) {
            selections.clear();
        }
        long selection = compute(source);
        selections.put(source, selection);
        return selection;
    }

    private long compute(String source) {
        long selection = 0;
        for (MessageType type : TYPES) {
            for (int level = 0; level <= LEVELS.length; level++) {
                Optional<Level> of = level == 0 ? Optional.empty() : Optional.of(LEVELS[level - 1]);
                if (table.targets(source, type, of).contains(lane)) {
                    selection |= 1L << (type.ordinal() << 3 | level);
                }
            }
        }
        return selection;
    }
}
