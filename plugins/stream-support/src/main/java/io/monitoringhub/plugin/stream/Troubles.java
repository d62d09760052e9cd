package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.HealthReporter;
import java.util.Map;
import java.util.TreeMap;

/** What a person should look at, by topic: one that ends must not hide another. Thread-safe. */
final class Troubles {

    private final HealthReporter health;
    private final Map<String, String> reasons = new TreeMap<>();

    Troubles(HealthReporter health) {
        this.health = health;
    }

    void begin(String topic, String reason) {
        synchronized (reasons) {
            if (!reason.equals(reasons.put(topic, reason))) {
                health.degraded(String.join("; ", reasons.values()));
            }
        }
    }

    void end(String topic) {
        synchronized (reasons) {
            if (reasons.remove(topic) == null) {
                return;
            }
            if (reasons.isEmpty()) {
                health.ok();
            } else {
                health.degraded(String.join("; ", reasons.values()));
            }
        }
    }
}
