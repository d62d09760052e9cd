package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.LaneSettings;
import io.monitoringhub.spi.ComponentId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * What was configured for one lane: a backend's own, or that of a failover group. Immutable.
 *
 * @param name what routes call it and what its cursor is called: the backend's name; for a group all names in alphabetical order, joined by
 *        {@code +}, so that another order of priority keeps the position
 * @param start where it begins that the hub did not know before: the backend's, or that of a group's first member
 * @param members one backend, or a group's from the highest priority to the lowest
 * @param missingAfter how long a group waits for an instance that is not there
 * @param holdDown how long a group stays with a stand-in at least
 */
public record LaneConfiguration(String name, StartPosition start, List<Member> members, Duration missingAfter, Duration holdDown) {

    /**
     * A backend, and how it is delivered to.
     *
     * @param isRequired whether the hub is not ready while this one's lane has failed
     */
    public record Member(ComponentId id, LaneSettings.Retry retry, LaneSettings.Batching batching, boolean isRequired) {
    }

    public LaneConfiguration {
        Objects.requireNonNull(start, "start");
        members = List.copyOf(members);
    }

    /** Tells whether several backends stand in for each other. */
    public boolean isGroup() {
        return members.size() > 1;
    }

    /** Tells whether the hub is not ready while this lane has failed. */
    public boolean isRequired() {
        return members.stream().anyMatch(Member::isRequired);
    }

    /** Tells whether an instance belongs here. */
    public boolean contains(ComponentId id) {
        return members.stream().anyMatch(member -> member.id().equals(id));
    }

    /** Tells whether a lane of that configuration can become one of this without losing its position or what its backend stored with it. */
    public boolean continues(LaneConfiguration before) {
        return name.equals(before.name) && isGroup() == before.isGroup()
                && (isGroup() || members.get(0).id().equals(before.members.get(0).id()));
    }

    /** Tells whether a lane of that configuration has to be changed to become one of this. Where it began does not matter any more. */
    public boolean differs(LaneConfiguration before) {
        return !new LaneConfiguration(name, before.start, members, missingAfter, holdDown).equals(before);
    }

    /** As hub-delivery takes it, for a lane that is made or changed now. */
    public LaneSettings settings(UnaryOperator<Path> paths, Clock clock) {
        LaneSettings settings = LaneSettings.of(name, paths).with(start.at(clock));
        if (isGroup()) {
            List<LaneSettings.Member> group = members.stream().map(member -> new LaneSettings.Member(member.id().name(), member.id().type(),
                    member.retry(), member.batching())).toList();
            return settings.with(new LaneSettings.Group(group, missingAfter, holdDown));
        }
        Member only = members.get(0);
        return settings.forType(only.id().type()).with(only.retry()).with(only.batching());
    }
}
