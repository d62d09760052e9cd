package io.monitoringhub.plugin.cloudwatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that wait for AWS, so that the lane's own hears an interrupt at once.
 *
 * <p>Used by one thread at a time.
 */
final class Senders implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long ABORT_AGAIN_MILLIS = 50;

    private final ThreadPoolExecutor threads;
    private final Runnable abort;

    /**
     * @param name of the threads, which get a number
     * @param most how many there are
     * @param abort breaks off the requests that are under way
     */
    Senders(String name, int most, Runnable abort) {
        AtomicInteger number = new AtomicInteger();
        ClassLoader own = Senders.class.getClassLoader();
        this.threads = new ThreadPoolExecutor(most, most, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            // The SDK looks for its parts there; the hub's other bundles are none of its business.
            thread.setContextClassLoader(own);
            return thread;
        });
        this.abort = abort;
    }

    /**
     * Runs tasks and waits for all of them.
     *
     * @param whenInterrupted runs first when the caller is interrupted; then what is under way is broken off, and what has not begun never runs
     * @throws InterruptedException when the caller was interrupted
     */
    void run(List<Runnable> tasks, Runnable whenInterrupted) throws InterruptedException {
        List<Future<?>> ends = new ArrayList<>();
        tasks.forEach(task -> ends.add(threads.submit(task)));
        try {
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (InterruptedException wantedBack) {
            whenInterrupted.run();
            ends.forEach(end -> end.cancel(true));
            abort.run();
            throw wantedBack;
        } catch (ExecutionException bug) {
            ends.forEach(end -> end.cancel(true));
            if (bug.getCause() instanceof Error error) {
                // Such as a class that has gone with a replaced bundle: the lane tells it from a failed request.
                throw error;
            }
            throw new IllegalStateException("a request failed unexpectedly: " + bug.getCause(), bug.getCause());
        }
    }

    /** Breaks off what is under way and ends the threads; waits for them a few seconds. */
    @Override
    public void close() {
        threads.shutdownNow();
        long end = System.nanoTime() + PATIENCE_NANOS;
        try {
            do {
                // The JDK opens a connection that broke before an answer once more, so one time is not enough.
                abort.run();
            } while (!threads.awaitTermination(ABORT_AGAIN_MILLIS, TimeUnit.MILLISECONDS) && System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
