package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.LaneSettings.Batching;
import io.monitoringhub.delivery.LaneSettings.Group;
import io.monitoringhub.delivery.LaneSettings.Retry;
import io.monitoringhub.runtime.settings.RecordShape;
import io.monitoringhub.runtime.settings.ShapeCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes lanes of backends and routes: which backends form groups, and the hub's own keys under a backend. Collects problems.
 *
 * <p>Used once, by one thread.
 */
final class LaneReader {

    /** The key under a backend that is the hub's and not the plugin's. */
    static final String DELIVERY = "delivery";

    private static final RecordShape<DeliverySection> DELIVERY_SHAPE = RecordShape.of(DeliverySection.class);
    private static final int MOST_NAME = 150;

    private final ShapeCheck check;
    private final List<String> problems;
    private final Map<String, Retry> retries = new LinkedHashMap<>();
    private final Map<String, Batching> batchings = new LinkedHashMap<>();
    private final Set<String> required = new HashSet<>();
    /** By backend: the key of a start that somebody wrote. */
    private final Map<String, String> startKeys = new LinkedHashMap<>();
    /** By member: the group as a route lists it, or the member alone. */
    private final Map<String, List<String>> laneOf = new LinkedHashMap<>();
    private final Map<String, String> firstNamed = new LinkedHashMap<>();

    LaneReader(ShapeCheck check, List<String> problems) {
        this.check = check;
        this.problems = problems;
    }

    /** The hub's own settings of a backend. */
    void delivery(String key, String backend, Object value) {
        check.check(key, value, DELIVERY_SHAPE.shape());
        DeliverySection delivery = DELIVERY_SHAPE.read(value);
        Duration base = delivery.retry().base();
        Duration max = delivery.retry().max();
        if (max.compareTo(base) < 0 || max.isZero()) {
            problems.add(key + ".retry.max: expected more than 0 and at least retry.base, " + base.toMillis() + "ms, not '" + max.toMillis()
                    + "ms'");
            base = Retry.DEFAULT.base();
            max = Retry.DEFAULT.max();
        }
        retries.put(backend, new Retry(base, max, delivery.breakerAfter(), Retry.DEFAULT.probeEntries(),
                delivery.retry().budget().hundredths()));
        if (delivery.required()) {
            required.add(backend);
        }
        DeliverySection.Batch batch = delivery.batch();
        batchings.put(backend, new Batching(delivery.maxInFlight().bytes(), batch.maxEntries().orElse(Batching.DEFAULT.maxEntries()),
                (int) batch.maxBytes().bytes(), batch.linger(), batch.flushAfter()));
    }

    /** Notes that a start was written, which means something for a group's first member only. */
    void start(String key, String backend) {
        startKeys.put(backend, key);
    }

    /**
     * Notes where a rule sends entries.
     *
     * @return the names of the lanes
     */
    List<String> targets(String key, List<String> to, Object mode) {
        String word = mode == null ? "all" : mode.toString();
        if (!word.equals("all") && !word.equals("failover")) {
            problems.add(key + ".mode: expected all or failover, not '" + mode + "'");
        }
        if (!word.equals("failover")) {
            to.forEach(backend -> note(key, backend, List.of(backend)));
            return to;
        }
        if (to.size() < 2 || to.size() > Group.MOST_MEMBERS || new HashSet<>(to).size() != to.size() || name(to).length() > MOST_NAME) {
            problems.add(key + ".to: expected 2 to " + Group.MOST_MEMBERS + " different backends for mode failover, the one to prefer first,"
                    + " whose names have " + MOST_NAME + " characters at most together, not " + to);
            return List.of();
        }
        to.forEach(backend -> note(key, backend, to));
        return List.of(name(to));
    }

    private void note(String key, String backend, List<String> lane) {
        List<String> before = laneOf.putIfAbsent(backend, lane);
        firstNamed.putIfAbsent(backend, key);
        if (before != null && !before.equals(lane)) {
            problems.add(key + ".to: backend '" + backend + "' is " + words(before) + " in " + firstNamed.get(backend) + " and " + words(lane)
                    + " here; it can belong to one lane only: name the same backends in the same order, or configure another backend");
        }
    }

    private static String words(List<String> lane) {
        return lane.size() == 1 ? "on its own" : "in the failover group " + lane;
    }

    private static String name(List<String> members) {
        return members.stream().sorted().collect(Collectors.joining("+"));
    }

    /** All lanes: the groups, and one for each backend that is in none. */
    List<LaneConfiguration> lanes(Collection<InstanceConfiguration> backends, FailoverSection failover) {
        Map<String, InstanceConfiguration> known = new LinkedHashMap<>();
        backends.forEach(backend -> known.put(backend.id().name(), backend));
        Map<String, LaneConfiguration> lanes = new LinkedHashMap<>();
        for (String backend : known.keySet()) {
            List<LaneConfiguration.Member> members = new ArrayList<>();
            for (String member : laneOf.getOrDefault(backend, List.of(backend))) {
                if (known.containsKey(member)) {
                    members.add(new LaneConfiguration.Member(known.get(member).id(), retries.getOrDefault(member, Retry.DEFAULT),
                            batchings.getOrDefault(member, Batching.DEFAULT), required.contains(member)));
                }
            }
            String name = name(members.stream().map(member -> member.id().name()).toList());
            String first = members.get(0).id().name();
            StartPosition start = known.get(first).start();
            if (startKeys.containsKey(backend) && !known.get(backend).start().equals(start)) {
                problems.add(startKeys.get(backend) + ": a failover group begins where its first backend says, '" + first + "' (" + start.word()
                        + "); remove this one, or set backends." + first + ".start");
            }
            lanes.putIfAbsent(name, new LaneConfiguration(name, start, members, failover.missingAfter(), failover.holdDown()));
        }
        return List.copyOf(lanes.values());
    }
}
