package io.monitoringhub.testkit;

import io.monitoringhub.spi.HealthReporter;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a plugin says of its health: {@code ok}, {@code degraded: reason}, {@code failed: reason}. Thread-safe. */
public final class RecordingHealth implements HealthReporter {

    private final Object lock = new Object();
    private final List<String> reports = new ArrayList<>();

    @Override
    public void ok() {
        add("ok");
    }

    @Override
    public void degraded(String reason) {
        add("degraded: " + reason);
    }

    @Override
    public void failed(String reason) {
        add("failed: " + reason);
    }

    /** All reports, oldest first: a copy. */
    public List<String> reports() {
        synchronized (lock) {
            return List.copyOf(reports);
        }
    }

    private void add(String report) {
        synchronized (lock) {
            reports.add(report);
        }
    }
}
