package io.monitoringhub.runtime.config;

import io.monitoringhub.delivery.LaneSettings.Batching;
import io.monitoringhub.delivery.LaneSettings.Group;
import io.monitoringhub.delivery.LaneSettings.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes lanes of backends and routes: which backends form groups, and the hub's own keys under a backend. Collects problems.
 *
 * <p>Used once, by one thread.
 */
final class LaneReader {

    /** The key under a backend that is the hub's and not the plugin's. */
    static final String DELIVERY = "delivery";

    private static final List<String> DELIVERY_KEYS = List.of("retry", "breaker_after", "max_in_flight", "batch");
    private static final List<String> RETRY_KEYS = List.of("base", "max", "budget");
    private static final List<String> BATCH_KEYS = List.of("max_entries", "max_bytes", "linger", "flush_after");
    private static final List<String> FAILOVER_KEYS = List.of("missing_after", "hold_down");
    private static final Duration STANDARD_WAIT = Duration.ofSeconds(30);
    private static final int MOST_NAME = 150;
    private static final long MOST_BYTES = 1L << 30;

    private final ConfigurationReader reader;
    private final List<String> problems;
    private final Map<String, Retry> retries = new LinkedHashMap<>();
    private final Map<String, Batching> batchings = new LinkedHashMap<>();
    /** By backend: the key of a start that somebody wrote. */
    private final Map<String, String> startKeys = new LinkedHashMap<>();
    /** By member: the group as a route lists it, or the member alone. */
    private final Map<String, List<String>> laneOf = new LinkedHashMap<>();
    private final Map<String, String> firstNamed = new LinkedHashMap<>();

    LaneReader(ConfigurationReader reader, List<String> problems) {
        this.reader = reader;
        this.problems = problems;
    }

    /** The hub's own settings of a backend. */
    void delivery(String key, String backend, Object value) {
        Map<String, Object> delivery = map(key, value, "'{ retry: { max: 30s }, max_in_flight: 16MB }'");
        reader.knownKeys(key + ".", delivery.keySet(), DELIVERY_KEYS);
        Map<String, Object> retry = map(key + ".retry", delivery.get("retry"), "'{ base: 100ms, max: 30s }'");
        reader.knownKeys(key + ".retry.", retry.keySet(), RETRY_KEYS);
        Retry standard = Retry.DEFAULT;
        Duration base = reader.duration(key + ".retry.base", retry.get("base"), standard.base());
        Duration max = reader.duration(key + ".retry.max", retry.get("max"), standard.max());
        if (max.compareTo(base) < 0 || max.isZero()) {
            problems.add(key + ".retry.max: expected more than 0 and at least retry.base, " + base.toMillis() + "ms, not '" + max.toMillis()
                    + "ms'");
            base = standard.base();
            max = standard.max();
        }
        int breakerAfter = count(key + ".breaker_after", delivery.get("breaker_after"), standard.breakerAfter());
        int budget = percent(key + ".retry.budget", retry.get("budget"), standard.budgetPercent());
        retries.put(backend, new Retry(base, max, breakerAfter, standard.probeEntries(), budget));
        batchings.put(backend, batching(key, delivery));
    }

    /** Notes that a start was written, which means something for a group's first member only. */
    void start(String key, String backend) {
        startKeys.put(backend, key);
    }

    private Batching batching(String key, Map<String, Object> delivery) {
        Map<String, Object> batch = map(key + ".batch", delivery.get("batch"), "'{ max_entries: 1000, max_bytes: 1MB }'");
        reader.knownKeys(key + ".batch.", batch.keySet(), BATCH_KEYS);
        Batching standard = Batching.DEFAULT;
        long inFlight = bytes(key + ".max_in_flight", delivery.get("max_in_flight"), standard.inFlightBytes());
        int maxEntries = count(key + ".batch.max_entries", batch.get("max_entries"), standard.maxEntries());
        int maxBytes = (int) bytes(key + ".batch.max_bytes", batch.get("max_bytes"), standard.maxBytes());
        Optional<Duration> flushAfter = wait(key + ".batch.flush_after", batch.get("flush_after"));
        if (flushAfter.filter(Duration::isZero).isPresent()) {
            problems.add(key + ".batch.flush_after: expected more than 0");
            flushAfter = Optional.empty();
        }
        return new Batching(inFlight, maxEntries, maxBytes, wait(key + ".batch.linger", batch.get("linger")), flushAfter);
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
    List<LaneConfiguration> lanes(Collection<InstanceConfiguration> backends, Map<String, Object> failover) {
        reader.knownKeys("failover.", failover.keySet(), FAILOVER_KEYS);
        Duration missingAfter = reader.duration("failover.missing_after", failover.get("missing_after"), STANDARD_WAIT);
        Duration holdDown = reader.duration("failover.hold_down", failover.get("hold_down"), STANDARD_WAIT);
        if (holdDown.isZero()) {
            problems.add("failover.hold_down: expected more than 0: without it a group would go back and forth");
        }
        Map<String, InstanceConfiguration> known = new LinkedHashMap<>();
        backends.forEach(backend -> known.put(backend.id().name(), backend));
        Map<String, LaneConfiguration> lanes = new LinkedHashMap<>();
        for (String backend : known.keySet()) {
            List<LaneConfiguration.Member> members = new ArrayList<>();
            for (String member : laneOf.getOrDefault(backend, List.of(backend))) {
                if (known.containsKey(member)) {
                    members.add(new LaneConfiguration.Member(known.get(member).id(), retries.getOrDefault(member, Retry.DEFAULT),
                            batchings.getOrDefault(member, Batching.DEFAULT)));
                }
            }
            String name = name(members.stream().map(member -> member.id().name()).toList());
            String first = members.get(0).id().name();
            StartPosition start = known.get(first).start();
            if (startKeys.containsKey(backend) && !known.get(backend).start().equals(start)) {
                problems.add(startKeys.get(backend) + ": a failover group begins where its first backend says, '" + first + "' (" + start.word()
                        + "); remove this one, or set backends." + first + ".start");
            }
            lanes.putIfAbsent(name, new LaneConfiguration(name, start, members, missingAfter, holdDown));
        }
        return List.copyOf(lanes.values());
    }

    private Map<String, Object> map(String key, Object value, String example) {
        return SettingsTree.asMap(value).orElseGet(() -> {
            problems.add(key + ": expected settings, as in " + example + ", not '" + value + "'");
            return Map.of();
        });
    }

    private Optional<Duration> wait(String key, Object value) {
        return value == null ? Optional.empty() : Optional.of(reader.duration(key, value, Duration.ofSeconds(1)));
    }

    private long bytes(String key, Object value, long standard) {
        long bytes = reader.bytes(key, value, standard);
        if (bytes < Batching.LEAST_BYTES || bytes > MOST_BYTES) {
            problems.add(key + ": expected 64KB to 1GB, not '" + value + "'");
            return standard;
        }
        return bytes;
    }

    private int percent(String key, Object value, int standard) {
        if (value == null) {
            return standard;
        }
        if (!value.toString().matches("(100|\\d{1,2})%")) {
            problems.add(key + ": expected 0% to 100%, not '" + value + "'");
            return standard;
        }
        return Integer.parseInt(value.toString().replace("%", ""));
    }

    private int count(String key, Object value, int standard) {
        if (value == null) {
            return standard;
        }
        if (!value.toString().matches("[1-9]\\d{0,7}")) {
            problems.add(key + ": expected 1 to 99999999, not '" + value + "'");
            return standard;
        }
        return Integer.parseInt(value.toString());
    }
}
