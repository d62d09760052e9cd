package io.monitoringhub.delivery;

import io.monitoringhub.log.Log;
import io.monitoringhub.spi.backend.BatchLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * How a lane behaves.
 *
 * <p>Immutable.
 *
 * @param name the lane's name: what routes call it, and the name of its cursor
 * @param backendType the type of backend it waits for, for people; empty where that is not known
 * @param paths makes paths from a backend's configuration absolute
 * @param start where a lane begins that never had a cursor
 * @param retry what happens after failures
 * @param suspicion when rejections are the backend's fault and not the entries'
 * @param grace how long calls and farewells may take
 * @param batching how much is on the way at a time
 * @param group the backends that stand in for each other; empty for a lane with one backend
 */
public record LaneSettings(String name, Optional<String> backendType, UnaryOperator<Path> paths, Start start, Retry retry, Suspicion suspicion, Grace grace,
        Batching batching, Optional<Group> group) {

    /**
     * Where a lane begins that never had a cursor. Immutable.
     *
     * @param since with the first entry that was appended then or later; empty: with the next entry
     */
    public record Start(Optional<Instant> since) {

        /** With the first entry that the log still holds. */
        public static final Start OLDEST = new Start(Optional.of(Instant.EPOCH));
        /** With the next entry that is appended. */
        public static final Start NEXT = new Start(Optional.empty());

        /** With the first entry that was appended at this time or later. */
        public static Start at(Instant time) {
            return new Start(Optional.of(time));
        }

        /** The offset in a log. */
        long offsetIn(Log log) throws IOException {
            if (equals(OLDEST)) {
                return log.startOffset();
            }
            OptionalLong found = since.isPresent() ? log.offsetAt(since.get().toEpochMilli()) : OptionalLong.empty();
            return Math.min(found.orElse(Long.MAX_VALUE), log.durableOffset());
        }
    }

    /**
     * What happens after failures.
     *
     * @param base the most that the pause after the first failure takes; the limit then doubles
     * @param max the most that any pause takes, unless the destination asks for more
     * @param breakerAfter failures in a row that open the breaker
     * @param probeEntries most entries in the batch that tries whether the destination is back
     * @param budgetPercent of the calls of {@code write} that may be repetitions; beyond it repetitions wait, up to {@code max}
     */
    public record Retry(Duration base, Duration max, int breakerAfter, int probeEntries, int budgetPercent) {

        private static final int USUAL_BUDGET = 20;
        /** 100 ms to 30 s, breaker after 5, probes of 100 entries, a budget of 20 %. */
        public static final Retry DEFAULT = new Retry(Duration.ofMillis(100), Duration.ofSeconds(30), 5, 100);

        /** @throws IllegalArgumentException when a value is out of its range */
        public Retry {
            if (base.isNegative() || max.compareTo(base) < 0 || breakerAfter < 1 || probeEntries < 1 || budgetPercent < 0
                    || budgetPercent > 100) {
                throw new IllegalArgumentException("retry needs 0 <= base <= max, breakerAfter >= 1, probeEntries >= 1 and a budget of 0 to 100 %,"
                        + " not " + base + ", " + max + ", " + breakerAfter + ", " + probeEntries + ", " + budgetPercent);
            }
        }

        /** With the usual budget. */
        public Retry(Duration base, Duration max, int breakerAfter, int probeEntries) {
            this(base, max, breakerAfter, probeEntries, USUAL_BUDGET);
        }
    }

    /**
     * When rejections are the backend's fault and not the entries'. The lane then fails and keeps the rest, instead of emptying the log into
     * dead letters.
     *
     * @param rejected so many entries that the backend itself named, in a row, without any written
     * @param poison so many entries that were found by halving batches, in a row, without any written
     */
    public record Suspicion(int rejected, int poison) {

        /** 1,000 named, 10 found. */
        public static final Suspicion DEFAULT = new Suspicion(1_000, 10);

        /** @throws IllegalArgumentException when a value is less than 1 */
        public Suspicion {
            if (rejected < 1 || poison < 1) {
                throw new IllegalArgumentException("suspicion needs at least 1 entry, not " + rejected + " and " + poison);
            }
        }
    }

    /**
     * How long calls and farewells may take.
     *
     * @param call one call of the backend; after that the instance is abandoned
     * @param stop what a backend gets to finish its write, flush and close
     * @param interrupt what it gets after it has been interrupted; then the instance is abandoned
     */
    public record Grace(Duration call, Duration stop, Duration interrupt) {

        /** 5 min; 3 s and 1.5 s, because Declarative Services waits no longer than 5 s. */
        public static final Grace DEFAULT = new Grace(Duration.ofMinutes(5), Duration.ofSeconds(3), Duration.ofMillis(1500));
    }

    /**
     * How much is on the way at a time. A backend's own limits are hard: a value here can only be stricter.
     *
     * @param inFlightBytes most bytes of messages that a backend was given and has not flushed; a read of the log is never larger either
     * @param maxEntries most entries in a batch
     * @param maxBytes most bytes of messages in a batch; a single entry always passes
     * @param linger how long a batch waits for company; the backend's own wish where it is empty
     * @param flushAfter how long written entries wait for a flush; the backend's own wish where it is empty
     */
    public record Batching(long inFlightBytes, int maxEntries, int maxBytes, Optional<Duration> linger, Optional<Duration> flushAfter) {

        /** Room for the largest message. */
        public static final int LEAST_BYTES = 64 << 10;
        /** 64 MiB in flight, 16 MiB in one read, all else as the backend says. */
        public static final Batching DEFAULT = new Batching(64L << 20, Integer.MAX_VALUE, 16 << 20, Optional.empty(), Optional.empty());

        /** @throws IllegalArgumentException when a value is out of its range */
        public Batching {
            if (inFlightBytes < LEAST_BYTES || maxEntries < 1 || maxBytes < LEAST_BYTES || linger.filter(Duration::isNegative).isPresent()
                    || flushAfter.filter(wait -> wait.isNegative() || wait.isZero()).isPresent()) {
                throw new IllegalArgumentException("batching needs inFlightBytes and maxBytes of at least " + LEAST_BYTES
                        + ", maxEntries >= 1, linger >= 0 and flushAfter > 0, not " + inFlightBytes + ", " + maxBytes + ", " + maxEntries
                        + ", " + linger + ", " + flushAfter);
            }
        }

        BatchLimits within(BatchLimits hard) {
            return new BatchLimits(Math.min(maxEntries, hard.maxEntries()),
                    (int) Math.min(inFlightBytes, Math.min(maxBytes, hard.maxBytes())), linger.orElse(hard.linger()),
                    flushAfter.orElse(hard.flushAfter()));
        }
    }

    /**
     * Backends that stand in for each other: one cursor, and the first healthy one by priority has its turn.
     *
     * @param members from the highest priority to the lowest, 2 to {@value #MOST_MEMBERS}
     * @param missingAfter how long an instance that is not there may stay away before the next member delivers
     * @param holdDown how long a stand-in delivers at least before a member of higher priority is tried again; doubled, up to
     *        {@value #MOST_HOLD_DOWNS}fold, each time that this one does not last as long
     */
    public record Group(List<Member> members, Duration missingAfter, Duration holdDown) {

        /** So that what all of them store with the cursor fits. */
        public static final int MOST_MEMBERS = 8;
        static final int MOST_HOLD_DOWNS = 16;

        /** @throws IllegalArgumentException when there are too few or too many members, one twice, or a time is negative */
        public Group {
            members = List.copyOf(members);
            long names = members.stream().map(Member::name).distinct().count();
            if (members.size() < 2 || members.size() > MOST_MEMBERS || names != members.size() || missingAfter.isNegative()
                    || holdDown.isNegative()) {
                throw new IllegalArgumentException("a failover group needs 2 to " + MOST_MEMBERS + " different members and times >= 0, not "
                        + members + ", " + missingAfter + ", " + holdDown);
            }
        }

        int rank(String name) {
            for (int i = 0; i < members.size(); i++) {
                if (members.get(i).name().equals(name)) {
                    return i;
                }
            }
            return members.size();
        }
    }

    /**
     * A backend in a group.
     *
     * @param name its instance's name
     * @param type its type
     */
    public record Member(String name, String type, Retry retry, Batching batching) {
    }

    /** @throws IllegalArgumentException when a value is out of its range */
    public LaneSettings {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(backendType, "backendType");
        Objects.requireNonNull(paths, "paths");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(retry, "retry");
        Objects.requireNonNull(suspicion, "suspicion");
        Objects.requireNonNull(grace, "grace");
        Objects.requireNonNull(batching, "batching");
        Objects.requireNonNull(group, "group");
    }

    /** Defaults: begins with the next entry, one backend of any type. */
    public static LaneSettings of(String name, UnaryOperator<Path> paths) {
        return new LaneSettings(name, Optional.empty(), paths, Start.NEXT, Retry.DEFAULT, Suspicion.DEFAULT, Grace.DEFAULT, Batching.DEFAULT,
                Optional.empty());
    }

    /** The same for a lane that waits for this type of backend. */
    public LaneSettings forType(String type) {
        return new LaneSettings(name, Optional.of(type), paths, start, retry, suspicion, grace, batching, group);
    }

    /** The same with another beginning. */
    public LaneSettings with(Start other) {
        return new LaneSettings(name, backendType, paths, other, retry, suspicion, grace, batching, group);
    }

    /** The same with another way to retry. */
    public LaneSettings with(Retry other) {
        return new LaneSettings(name, backendType, paths, start, other, suspicion, grace, batching, group);
    }

    /** The same with other thresholds for rejections. */
    public LaneSettings with(Suspicion other) {
        return new LaneSettings(name, backendType, paths, start, retry, other, grace, batching, group);
    }

    /** The same with other time limits. */
    public LaneSettings with(Grace other) {
        return new LaneSettings(name, backendType, paths, start, retry, suspicion, other, batching, group);
    }

    /** The same with other limits of what is on the way. */
    public LaneSettings with(Batching other) {
        return new LaneSettings(name, backendType, paths, start, retry, suspicion, grace, other, group);
    }

    /** The same for a group of backends. */
    public LaneSettings with(Group other) {
        return new LaneSettings(name, backendType, paths, start, retry, suspicion, grace, batching, Optional.of(other));
    }

    /** What holds while this instance has its turn. */
    LaneSettings during(String instance) {
        return group.flatMap(all -> all.members().stream().filter(member -> member.name().equals(instance)).findFirst())
                .map(member -> with(member.retry()).with(member.batching())).orElse(this);
    }
}
