package io.monitoringhub.runtime.engine;

import io.monitoringhub.spi.HealthReporter;
import java.time.Clock;
import java.time.Instant;

/** How one transport instance is. Thread-safe. */
final class ComponentHealth implements HealthReporter {

    enum State { WAITING, STARTING, OK, DEGRADED, FAILED, STOPPING }

    /** What is known at one moment. */
    record Condition(State state, String reason, Instant since) {
    }

    private final Clock clock;
    private Condition condition;

    ComponentHealth(Clock clock, State state, String reason) {
        this.clock = clock;
        this.condition = new Condition(state, reason, clock.instant());
    }

    synchronized Condition condition() {
        return condition;
    }

    synchronized void set(State state, String reason) {
        if (condition.state() != state || !condition.reason().equals(reason)) {
            condition = new Condition(state, reason, clock.instant());
        }
    }

    @Override
    public void ok() {
        set(State.OK, "");
    }

    @Override
    public void degraded(String reason) {
        set(State.DEGRADED, reason);
    }

    @Override
    public void failed(String reason) {
        set(State.FAILED, reason);
    }
}
