package io.monitoringhub.delivery.routing;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a route table selects for one lane, remembered per source: all pairs of type and level fit the bits of one number, so that routing
 * an entry is an array look-up and a shift. Where that depends on fields, and only there, the message is asked.
 *
 * <p>Used by one thread at a time.
 */
public final class LaneFilter {

    private static final int MOST_SOURCES = 10_000;
    private static final MessageType[] TYPES = MessageType.values();
    private static final Level[] LEVELS = Level.values();

    private final RouteTable table;
    private final String lane;
    private final FieldScan fields;
    private final Map<String, Selection> selections = new HashMap<>();

    LaneFilter(RouteTable table, String lane) {
        this.table = table;
        this.lane = lane;
        this.fields = new FieldScan(RouteTable.paths(table.rules()));
    }

    /**
     * What is selected of one source. Immutable.
     */
    public static final class Selection {

        private final long selected;
        private final long asked;
        private final Map<Integer, LaneChoice> choices;

        private Selection(long selected, long asked, Map<Integer, LaneChoice> choices) {
            this.selected = selected;
            this.asked = asked;
            this.choices = choices;
        }

        /** The pairs of type and level that the lane gets, or may get, one bit each, see {@link #bit}. */
        public long selected() {
            return selected;
        }

        /** Those of them whose messages have to be asked. */
        public long asked() {
            return asked;
        }
    }

    /** The table that this filter was made from. */
    public RouteTable table() {
        return table;
    }

    /** The number of the bit in a {@link Selection} that stands for a {@link io.monitoringhub.entries.Chunk#routeKey}, whatever its source. */
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

    /** What the lane gets from this source. */
    public Selection selection(String source) {
        Selection known = selections.get(source);
        if (known != null) {
            return known;
        }
        if (selections.size() >= MOST_SOURCES) {
            selections.clear();
        }
        Selection selection = compute(source);
        selections.put(source, selection);
        return selection;
    }

    /**
     * Tells whether the lane gets a message whose key's bit is among those that are {@link Selection#asked}.
     *
     * @throws IOException when the message is no JSON object
     */
    public boolean isSelected(Selection selection, int routeKey, ByteBuffer message) throws IOException {
        fields.read(message);
        return selection.choices.get(bit(routeKey)).isSelected(fields);
    }

    private Selection compute(String source) {
        long selected = 0;
        long asked = 0;
        Map<Integer, LaneChoice> choices = new HashMap<>();
        Map<List<RouteRule>, LaneChoice> alike = new HashMap<>();
        for (MessageType type : TYPES) {
            for (int level = 0; level <= LEVELS.length; level++) {
                Optional<Level> of = level == 0 ? Optional.empty() : Optional.of(LEVELS[level - 1]);
                LaneChoice choice = alike.computeIfAbsent(table.candidates(source, type, of), rules -> new LaneChoice(lane, rules));
                int bit = type.ordinal() << 3 | level;
                if (choice.inAdvance() != LaneChoice.Answer.NEVER) {
                    selected |= 1L << bit;
                }
                if (choice.inAdvance() == LaneChoice.Answer.ASK_THE_MESSAGE) {
                    asked |= 1L << bit;
                    choices.put(bit, choice);
                }
            }
        }
        return new Selection(selected, asked, Map.copyOf(choices));
    }
}
