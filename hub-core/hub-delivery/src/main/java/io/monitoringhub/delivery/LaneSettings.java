package io.monitoringhub.delivery;

import io.monitoringhub.log.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
 * @param unflushedBytes most bytes that are written without a flush
 * @param readBytes most bytes of frames that are held in memory at a time
 */
public record LaneSettings(String name, Optional<String> backendType, UnaryOperator<Path> paths, Start start, Retry retry, Suspicion suspicion, Grace grace,
        long unflushedBytes, int readBytes) {

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
     */
    public record Retry(Duration base, Duration max, int breakerAfter, int probeEntries) {

        /** 100 ms to 30 s, breaker after 5, probes of 100 entries. */
        public static final Retry DEFAULT = new Retry(Duration.ofMillis(100), Duration.ofSeconds(30), 5, 100);

        /** @throws IllegalArgumentException when a value is out of its range */
        public Retry {
            if (base.isNegative() || max.compareTo(base) < 0 || breakerAfter < 1 || probeEntries < 1) {
                throw new IllegalArgumentException("retry needs 0 <= base <= max, breakerAfter >= 1 and probeEntries >= 1, not " + base
                        + ", " + max + ", " + breakerAfter + ", " + probeEntries);
            }
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

    /** @throws IllegalArgumentException when a value is out of its range */
    public LaneSettings {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(backendType, "backendType");
        Objects.requireNonNull(paths, "paths");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(retry, "retry");
        Objects.requireNonNull(suspicion, "suspicion");
        Objects.requireNonNull(grace, "grace");
        if (unflushedBytes < 1 || readBytes < 1) {
            throw new IllegalArgumentException("lane '" + name + "' needs unflushedBytes and readBytes of at least 1, not "
                    + unflushedBytes + " and " + readBytes);
        }
    }

    /** Defaults: begins with the next entry, 64 MiB unflushed at most, 16 MiB in memory at most. */
    public static LaneSettings of(String name, UnaryOperator<Path> paths) {
        return new LaneSettings(name, Optional.empty(), paths, Start.NEXT, Retry.DEFAULT, Suspicion.DEFAULT, Grace.DEFAULT, 64L << 20, 16 << 20);
    }

    /** The same for a lane that waits for this type of backend. */
    public LaneSettings forType(String type) {
        return new LaneSettings(name, Optional.of(type), paths, start, retry, suspicion, grace, unflushedBytes, readBytes);
    }

    /** The same with another beginning. */
    public LaneSettings with(Start other) {
        return new LaneSettings(name, backendType, paths, other, retry, suspicion, grace, unflushedBytes, readBytes);
    }

    /** The same with another way to retry. */
    public LaneSettings with(Retry other) {
        return new LaneSettings(name, backendType, paths, start, other, suspicion, grace, unflushedBytes, readBytes);
    }

    /** The same with other thresholds for rejections. */
    public LaneSettings with(Suspicion other) {
        return new LaneSettings(name, backendType, paths, start, retry, other, grace, unflushedBytes, readBytes);
    }

    /** The same with other time limits. */
    public LaneSettings with(Grace other) {
        return new LaneSettings(name, backendType, paths, start, retry, suspicion, other, unflushedBytes, readBytes);
    }
}
