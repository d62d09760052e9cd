package io.monitoringhub.delivery.routing;

import io.monitoringhub.spi.Level;
import io.monitoringhub.spi.MessageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which entries go to which lanes. Rules are asked by priority, those of the same from top to bottom, and default rules after all others,
 * and only if none of those matched. The first that matches decides, unless it continues.
 *
 * <p>Immutable.
 */
public final class RouteTable {

    private final List<RouteRule> rules;

    private RouteTable(List<RouteRule> rules) {
        this.rules = List.copyOf(rules);
        new FieldScan(paths(rules));
    }

    /**
     * The table of these rules. Without any, nothing goes anywhere.
     *
     * @throws IllegalArgumentException when they ask for too many different fields
     */
    public static RouteTable of(List<RouteRule> rules) {
        return new RouteTable(inOrder(rules).stream().filter(rule -> rule.place().isEnabled()).toList());
    }

    /** A table that sends everything to these lanes. */
    public static RouteTable everythingTo(String... lanes) {
        return new RouteTable(List.of(RouteRule.to("*", lanes)));
    }

    /** Rules in the order in which a table asks them, those that are not enabled among them. */
    public static List<RouteRule> inOrder(List<RouteRule> rules) {
        return rules.stream().sorted(Comparator.comparing((RouteRule rule) -> rule.place().isDefault())
                .thenComparing(rule -> rule.place().priority(), Comparator.reverseOrder())).toList();
    }

    /** The rules that are asked, in that order. */
    public List<RouteRule> rules() {
        return rules;
    }

    /**
     * The rules that decide about a message, in order. The last of them is the one that ended the search, or else there were no more.
     *
     * @param message its JSON, of which only fields are read that a rule asks for
     * @throws IOException when it is no JSON object
     */
    public List<RouteRule> matching(String source, MessageType type, Optional<Level> level, ByteBuffer message) throws IOException {
        List<RouteRule> candidates = candidates(source, type, level);
        FieldScan fields = new FieldScan(paths(candidates));
        fields.read(message);
        List<RouteRule> matching = new ArrayList<>();
        for (RouteRule rule : candidates) {
            if (rule.place().isDefault() && matching.stream().anyMatch(other -> !other.place().isDefault())) {
                break;
            }
            if (rule.match().holds(fields)) {
                matching.add(rule);
                if (!rule.continues()) {
                    break;
                }
            }
        }
        return matching;
    }

    /** The lanes that rules send entries to, in the order in which they name them. */
    public static Set<String> lanes(List<RouteRule> rules) {
        Set<String> lanes = new LinkedHashSet<>();
        rules.forEach(rule -> lanes.addAll(rule.to()));
        return lanes;
    }

    /** What the table selects for one lane; each thread takes its own. */
    public LaneFilter filterFor(String lane) {
        return new LaneFilter(this, lane);
    }

    /** The rules that may match such an entry, in order, up to the first that surely does and ends the search. */
    List<RouteRule> candidates(String source, MessageType type, Optional<Level> level) {
        List<RouteRule> candidates = new ArrayList<>();
        boolean surely = false;
        for (RouteRule rule : rules) {
            if (rule.place().isDefault() && surely) {
                break;
            }
            if (rule.match().mayHold(source, type, level)) {
                candidates.add(rule);
                if (!rule.match().asksForFields()) {
                    if (!rule.continues()) {
                        break;
                    }
                    surely |= !rule.place().isDefault();
                }
            }
        }
        return candidates;
    }

    /** The different fields that rules ask messages for. */
    static List<String> paths(List<RouteRule> rules) {
        return rules.stream().flatMap(rule -> rule.match().where().stream()).filter(condition -> !condition.isAboutSource())
                .map(FieldCondition::path).distinct().toList();
    }
}
