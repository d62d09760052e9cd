package io.monitoringhub.log.segmented;

import io.monitoringhub.log.Durations;
import java.util.concurrent.atomic.AtomicLong;

/** What the log counts since it was opened. Thread-safe. */
final class Counters {

    final AtomicLong frames = new AtomicLong();
    final AtomicLong entries = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final Durations syncs = new Durations();
    final AtomicLong quarantined = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();
}
