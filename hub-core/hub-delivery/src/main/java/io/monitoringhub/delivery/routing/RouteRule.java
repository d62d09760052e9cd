package io.monitoringhub.delivery.routing;

import io.monitoringhub.entries.Glob;
import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One rule of a route table: entries that meet all its conditions go to its lanes.
 *
 * <p>Immutable.
 *
 * @param source glob over the source's whole name: {@code *} stands for any characters, {@code ?} for one
 * @param types the types it is about; empty means all
 * @param minLevel least level; an entry without a level, which is everything but events, then does not match
 * @param to names of lanes; empty means: nowhere, on purpose
 * @param continues whether the rules below are asked too; otherwise the first match decides
 */
public record RouteRule(String source, Set<MessageType> types, Optional<Level> minLevel, List<String> to, boolean continues) {

    /** @throws IllegalArgumentException when the source is empty */
    public RouteRule {
        if (source.isEmpty()) {
            throw new IllegalArgumentException("a route needs a source: a name such as 'queue-service', a glob, or '*' for all");
        }
        types = Set.copyOf(types);
        to = List.copyOf(to);
    }

    /** A rule for all entries of the sources that match. */
    public static RouteRule to(String source, String... lanes) {
        return new RouteRule(source, Set.of(), Optional.empty(), List.of(lanes), false);
    }

    /** The same rule for these types only. */
    public RouteRule onlyTypes(MessageType first, MessageType... more) {
        return new RouteRule(source, EnumSet.of(first, more), minLevel, to, continues);
    }

    /** The same rule for events of this level or graver only. */
    public RouteRule atLeast(Level level) {
        return new RouteRule(source, types, Optional.of(level), to, continues);
    }

    /** The same rule, but the rules below are asked too. */
    public RouteRule andContinue() {
        return new RouteRule(source, types, minLevel, to, true);
    }

    /** Tells whether entries like this one meet all conditions. */
    public boolean matches(String entrySource, MessageType type, Optional<Level> level) {
        return (types.isEmpty() || types.contains(type))
                && (minLevel.isEmpty() || level.isPresent() && level.get().compareTo(minLevel.get()) >= 0)
                && Glob.matches(source, entrySource);
    }
}
