package io.monitoringhub.runtime.plugins;

import java.util.EnumMap;
import java.util.Map;

/** How often jars were refused, and let in unverified, since the hub started. Thread-safe. */
public final class RefusalCounters {

    private final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);
    private long unverified;

    RefusalCounters() {
        for (Refusal each : Refusal.values()) {
            refused.put(each, 0L);
        }
    }

    synchronized void count(Refusal refusal) {
        refused.merge(refusal, 1L, Long::sum);
    }

    synchronized void countUnverified() {
        unverified++;
    }

    /** By reason, all of them. */
    public synchronized Map<Refusal, Long> refused() {
        return new EnumMap<>(refused);
    }

    /** Jars that run although nobody whom the hub knows has signed them ({@code plugins.verify: warn}). */
    public synchronized long unverified() {
        return unverified;
    }
}
