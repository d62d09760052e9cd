package io.monitoringhub.sdk.direct;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks at backends, at all at the same time, each in a thread that ends with its look. Stateless. */
final class Look {

    private Look() {
    }

    /** By name. */
    static Map<String, BackendHealth> at(List<Destination> destinations, Duration timeout) {
        Map<String, CompletableFuture<BackendHealth>> looks = new LinkedHashMap<>();
        for (Destination destination : destinations) {
            CompletableFuture<BackendHealth> look = new CompletableFuture<>();
            looks.put(destination.name(), look);
            Thread thread = new Thread(() -> look.complete(destination.check()), "monitoring-sdk-check-" + destination.name());
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError noMoreThreads) {
                look.complete(new BackendHealth(false, "cannot start a thread to look: " + noMoreThreads));
            }
        }
        long until = System.nanoTime() + timeout.toNanos();
        Map<String, BackendHealth> found = new LinkedHashMap<>();
        looks.forEach((name, look) -> found.put(name, result(look, until, timeout)));
        return found;
    }

    private static BackendHealth result(CompletableFuture<BackendHealth> look, long until, Duration timeout) {
        try {
            return look.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new BackendHealth(false, "no answer in " + timeout.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new BackendHealth(false, "the look was interrupted");
        } catch (ExecutionException e) {
            return new BackendHealth(false, "unexpected: " + e.getCause());
        }
    }
}
