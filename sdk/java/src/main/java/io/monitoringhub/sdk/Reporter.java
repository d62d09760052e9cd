package io.monitoringhub.sdk;

import io.monitoringhub.sdk.internal.Counters;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A daemon thread that does something again and again; none if the interval is zero. Thread-safe. */
final class Reporter {

    private final Duration interval;
    private final Runnable report;
    private final Counters counters;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Reporter(String source, Duration interval, Runnable report, Counters counters) {
        this.interval = interval;
        this.report = report;
        this.counters = counters;
        thread = new Thread(this::run, "monitoring-sdk-" + source + "-resources");
        thread.setDaemon(true);
    }

    void start() {
        if (!interval.isZero()) {
            try {
                thread.start();
            } catch (OutOfMemoryError noMoreThreads) {
                counters.error("cannot start the thread for resources: " + noMoreThreads);
            }
        }
    }

    void stop() {
        stopped.countDown();
    }

    private void run() {
        try {
            while (!stopped.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                report.run();
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt it but to end it.
            counters.error("the thread for resources was interrupted, and has ended");
        }
    }
}
