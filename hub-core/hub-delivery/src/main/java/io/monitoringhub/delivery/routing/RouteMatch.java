package io.monitoringhub.delivery.routing;

import io.monitoringhub.entries.Glob;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which entries a rule is about: those that meet all of these conditions.
 *
 * <p>Immutable.
 *
 * @param source glob over the source's whole name: {@code *} stands for any characters, {@code ?} for one
 * @param types the types it is about; empty means all
 * @param minLevel least level; an entry without a level, which is everything but events, then does not match
 * @param where conditions about fields of the message; those about anything but {@code src} make a lane read the message
 */
public record RouteMatch(String source, Set<MessageType> types, Optional<Level> minLevel, List<FieldCondition> where) {

    /** @throws IllegalArgumentException when the source is empty */
    public RouteMatch {
        if (source.isEmpty()) {
            throw new IllegalArgumentException("a route needs a source: a name such as 'queue-service', a glob, or '*' for all");
        }
        types = Set.copyOf(types);
        where = List.copyOf(where);
    }

    /** Tells whether what the index says of an entry meets the conditions. Those about other fields may still fail. */
    boolean mayHold(String entrySource, MessageType type, Optional<Level> level) {
        return (types.isEmpty() || types.contains(type))
                && (minLevel.isEmpty() || level.isPresent() && level.get().compareTo(minLevel.get()) >= 0)
                && Glob.matches(source, entrySource)
                && where.stream().allMatch(condition -> !condition.isAboutSource() || condition.holdsForSource(entrySource));
    }

    /** Tells whether the message has to be read. */
    boolean asksForFields() {
        return where.stream().anyMatch(condition -> !condition.isAboutSource());
    }

    /** Tells whether a message's fields meet the conditions about them. */
    boolean holds(FieldScan message) {
        for (FieldCondition condition : where) {
            if (!condition.isAboutSource() && !condition.holds(message.of(condition.path()))) {
                return false;
            }
        }
        return true;
    }
}
