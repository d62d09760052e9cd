package io.monitoringhub.testkit;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.BackendContext;
import io.monitoringhub.spi.backend.Commit;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;

/**
 * What a backend gets from the hub, with a cursor that a test stores in as the lane does. Committed position and state are those of the
 * time of creation: each {@link #after} is what the next {@code open} gets.
 *
 * <p>Immutable but for the health that it records.
 */
public final class TestBackendContext implements BackendContext {

    private final ComponentId id;
    private final String logId;
    private final Path home;
    private final Clock clock;
    private final Commit commit;
    private final RecordingHealth health;

    private TestBackendContext(ComponentId id, String logId, Path home, Clock clock, Commit commit, RecordingHealth health) {
        this.id = Objects.requireNonNull(id, "id");
        this.logId = Objects.requireNonNull(logId, "logId");
        this.home = Objects.requireNonNull(home, "home");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.commit = Objects.requireNonNull(commit, "commit");
        this.health = health;
    }

    /** The context of a lane that never committed and starts at offset 0. */
    public static TestBackendContext fresh(ComponentId id, String logId, Path home, Clock clock) {
        return new TestBackendContext(id, logId, home, clock, Commit.upTo(0), new RecordingHealth());
    }

    /** The context that a later {@code open} gets when the lane has stored this commit. */
    public TestBackendContext after(Commit stored) {
        return new TestBackendContext(id, logId, home, clock, stored, health);
    }

    /** The context of a lane whose cursor was moved: another position, the same state. */
    public TestBackendContext movedTo(long next) {
        return after(new Commit(next, commit.state()));
    }

    @Override
    public ComponentId id() {
        return id;
    }

    @Override
    public String logId() {
        return logId;
    }

    @Override
    public long committed() {
        return commit.next();
    }

    @Override
    public byte[] state() {
        return commit.state().clone();
    }

    @Override
    public RecordingHealth health() {
        return health;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Path resolve(String path) {
        return home.resolve(path).toAbsolutePath().normalize();
    }
}
