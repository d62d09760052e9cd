package io.monitoringhub.delivery;

import io.monitoringhub.delivery.LaneSettings.Grace;
import io.monitoringhub.delivery.LaneSettings.Retry;
import io.monitoringhub.delivery.LaneSettings.Start;
import io.monitoringhub.delivery.deadletters.DeadLetter;
import io.monitoringhub.delivery.deadletters.DeadLetters;
import io.monitoringhub.delivery.routing.RouteTable;
import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/** A log, a lane named {@code archive} that gets everything, and what tests ask of them. Pauses are short; graces are so long that no machine is too slow. */
final class Bench implements AutoCloseable {

    static final ComponentId ID = new ComponentId(Kind.BACKEND, "filesystem", "archive");
    static final Retry QUICK = new Retry(Duration.ofMillis(1), Duration.ofMillis(5), 3, 10);
    static final Grace PATIENT = new Grace(Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofMinutes(1));
    /** For instances that have to be interrupted, and give way then. */
    static final Grace INTERRUPTING = new Grace(Duration.ofMinutes(5), Duration.ofMillis(50), Duration.ofMinutes(1));

    final MemoryLog log = new MemoryLog();
    final Messages messages = new Messages(log);
    final Letters letters = new Letters();
    final Told told = new Told();
    final KeepingBackend.Destination destination = new KeepingBackend.Destination();
    final Clock clock = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
    final List<Lane> lanes = new ArrayList<>();
    final Lane lane;

    Bench() {
        this(settings("archive"));
    }

    Bench(LaneSettings settings) {
        this(settings, System::nanoTime);
    }

    Bench(LaneSettings settings, LongSupplier nanoTime) {
        lane = lane(settings, nanoTime);
    }

    static LaneSettings settings(String name) {
        return LaneSettings.of(name, Path.of("/hub")::resolve).forType("filesystem").with(Start.OLDEST).with(QUICK).with(PATIENT);
    }

    Lane lane(LaneSettings settings) {
        return lane(settings, System::nanoTime);
    }

    Lane lane(LaneSettings settings, LongSupplier nanoTime) {
        try {
            Lane made = new Lane(settings, log, RouteTable.everythingTo("archive", "other"), letters, clock, nanoTime, new SplittableRandom(1),
                    told);
            lanes.add(made);
            return made;
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    <B extends KeepingBackend> B attach(B backend) {
        lane.attach(ID, backend);
        return backend;
    }

    KeepingBackend attach() {
        return attach(new KeepingBackend(destination));
    }

    long committed() {
        return lane.status().committed();
    }

    void awaitCommitted(long offset) {
        Await.until(() -> committed() == offset, this::state);
    }

    void awaitState(LaneState state) {
        Await.until(() -> lane.status().state() == state, this::state);
    }

    void awaitPosition(long offset) {
        Await.until(() -> lane.status().position() == offset, this::state);
    }

    String state() {
        return lane.status() + ", " + destination.size() + " at the destination, dead " + letters.offsets();
    }

    static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @Override
    public void close() {
        lanes.forEach(each -> each.drain(Duration.ZERO));
    }

    /** Dead letters in memory. */
    static final class Letters implements DeadLetters {
        final List<DeadLetter> all = new CopyOnWriteArrayList<>();
        volatile IOException failure;
        volatile Runnable before = () -> { };

        @Override
        public void append(String lane, List<DeadLetter> letters) throws IOException {
            before.run();
            if (failure != null) {
                throw failure;
            }
            all.addAll(letters);
        }

        @Override
        public long count(String lane) {
            return all.size();
        }

        @Override
        public List<String> parts(String lane) {
            return List.of("all");
        }

        @Override
        public List<DeadLetter> read(String lane, String part) {
            return List.copyOf(all);
        }

        @Override
        public int remove(String lane, String part, Set<DeadLetter.Id> ids) {
            int before = all.size();
            all.removeIf(letter -> ids.contains(letter.id()));
            return before - all.size();
        }

        List<Long> offsets() {
            return all.stream().map(DeadLetter::offset).toList();
        }
    }

    /** What the lane told. */
    static final class Told implements LaneEvents {
        final List<SwapReport> swaps = new CopyOnWriteArrayList<>();
        final List<String> changes = new CopyOnWriteArrayList<>();

        @Override
        public void swapped(SwapReport report) {
            swaps.add(report);
        }

        @Override
        public void changed(String lane, LaneState from, LaneState to, String reason) {
            if (from != to) {
                changes.add(lane + " " + to);
            }
        }
    }
}
