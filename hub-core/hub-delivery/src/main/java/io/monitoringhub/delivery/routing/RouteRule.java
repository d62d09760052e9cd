package io.monitoringhub.delivery.routing;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One rule of a route table: entries that it is about go to its lanes.
 *
 * <p>Immutable.
 *
 * @param label what people call it: its place in the configuration, as in {@code routes[2]}
 * @param match the entries that it is about
 * @param to names of lanes; empty means: nowhere, on purpose
 * @param continues whether the rules below are asked too; otherwise the first match decides
 * @param place where it stands among the others
 */
public record RouteRule(String label, RouteMatch match, List<String> to, boolean continues, Place place) {

    /**
     * When a rule is asked.
     *
     * @param priority a higher one is asked earlier; rules of the same are asked in the order in which they are given
     * @param isDefault whether it is asked only about entries that no other rule matched
     * @param isEnabled whether it is asked at all
     */
    public record Place(int priority, boolean isDefault, boolean isEnabled) {

        /** Asked in the order in which it is given. */
        public static final Place USUAL = new Place(0, false, true);
    }

    public RouteRule {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(match, "match");
        Objects.requireNonNull(place, "place");
        to = List.copyOf(to);
    }

    /** A rule for all entries of the sources that match. */
    public static RouteRule to(String source, String... lanes) {
        return new RouteRule("", new RouteMatch(source, Set.of(), Optional.empty(), List.of()), List.of(lanes), false, Place.USUAL);
    }

    /** The same rule for these types only. */
    public RouteRule onlyTypes(MessageType first, MessageType... more) {
        return about(new RouteMatch(match.source(), EnumSet.of(first, more), match.minLevel(), match.where()));
    }

    /** The same rule for events of this level or graver only. */
    public RouteRule atLeast(Level level) {
        return about(new RouteMatch(match.source(), match.types(), Optional.of(level), match.where()));
    }

    /** The same rule for messages whose fields meet all of these. */
    public RouteRule where(FieldCondition... conditions) {
        return about(new RouteMatch(match.source(), match.types(), match.minLevel(), List.of(conditions)));
    }

    private RouteRule about(RouteMatch other) {
        return new RouteRule(label, other, to, continues, place);
    }

    /** The same rule, but the rules below are asked too. */
    public RouteRule andContinue() {
        return new RouteRule(label, match, to, true, place);
    }

    /** The same rule at another place. */
    public RouteRule at(Place other) {
        return new RouteRule(label, match, to, continues, other);
    }
}
