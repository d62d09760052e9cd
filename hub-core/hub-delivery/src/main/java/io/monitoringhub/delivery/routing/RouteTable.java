package io.monitoringhub.delivery.routing;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which entries go to which lanes. Rules are tried from top to bottom; the first that matches decides, unless it continues.
 *
 * <p>Immutable.
 */
public final class RouteTable {

    private final List<RouteRule> rules;

    private RouteTable(List<RouteRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** The table of these rules. Without any, nothing goes anywhere. */
    public static RouteTable of(List<RouteRule> rules) {
        return new RouteTable(rules);
    }

    /** A table that sends everything to these lanes. */
    public static RouteTable everythingTo(String... lanes) {
        return new RouteTable(List.of(RouteRule.to("*", lanes)));
    }

    /** The rules from top to bottom. */
    public List<RouteRule> rules() {
        return rules;
    }

    /** The lanes that get such an entry, in the order in which the rules name them. */
    public Set<String> targets(String source, MessageType type, Optional<Level> level) {
        Set<String> lanes = new LinkedHashSet<>();
        for (RouteRule rule : rules) {
            if (rule.matches(source, type, level)) {
                lanes.addAll(rule.to());
                if (!rule.continues()) {
                    break;
                }
            }
        }
        return lanes;
    }

    /** What the table selects for one lane; each thread takes its own. */
    public LaneFilter filterFor(String lane) {
        return new LaneFilter(this, lane);
    }
}
