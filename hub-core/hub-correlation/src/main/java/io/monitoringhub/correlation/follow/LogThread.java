package io.monitoringhub.correlation.follow;

import io.monitoringhub.log.Log;
import io.monitoringhub.log.LogReader;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A daemon thread that reads the log from a place on until it is closed, and opens it again after a failure.
 *
 * <p>Thread-safe; {@link #works}, {@link #failed} and {@link #rest} are for the thread itself.
 */
public final class LogThread implements AutoCloseable {

    /** How long it waits for entries, and after a failure. */
    public static final Duration IDLE = Duration.ofSeconds(1);

    private static final String OK = "ok";

    /** What is done with the log; on the thread. */
    public interface Follower {

        /** The offset to read from, at the start and after a failure. */
        long position();

        /** Reads until {@link LogThread#isClosing}. */
        void readAll(LogReader reader) throws IOException, InterruptedException;

        /** The log can't be read: to be told by {@link LogThread#failed}. */
        void cannotRead(IOException cause) throws InterruptedException;

        /** The thread ends by a bug. */
        void died(Throwable cause);
    }

    private final Log log;
    private final Follower follower;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile LogReader reader;
    private volatile String condition = "not started";

    /**
     * @param name the thread's
     * @param log must stay open until this is closed
     */
    public LogThread(String name, Log log, Follower follower) {
        this.log = log;
        this.follower = follower;
        thread = new Thread(this::follow, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dead, cause) -> {
            condition = "ended by a bug: " + cause;
            follower.died(cause);
        });
    }

    /** Begins; once. */
    public void start() {
        condition = OK;
        thread.start();
    }

    /** Ends the thread and waits for it. Idempotent. */
    @Override
    public void close() {
        closing.countDown();
        // no interrupt: it would close the file that the thread is reading, for others too
        LogReader current = reader;
        if (current != null) {
            current.wakeUp();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        condition = "closed";
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    public boolean isClosing() {
        return closing.getCount() == 0;
    }

    /** "ok", or why it does not get on. */
    public String condition() {
        return condition;
    }

    /** The log could be read. */
    public void works() {
        condition = OK;
    }

    /**
     * Notes that something failed, and waits for a while.
     *
     * @param tell is run if it worked until now
     */
    public void failed(String what, IOException cause, Runnable tell) throws InterruptedException {
        if (condition.equals(OK)) {
            tell.run();
        }
        condition = what + ": " + cause.getMessage();
        rest(IDLE.toNanos());
    }

    /** Does nothing for so long, or until it is closed. */
    public void rest(long nanos) throws InterruptedException {
        closing.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void follow() {
        try {
            while (!isClosing()) {
                try (LogReader opened = log.reader(follower.position())) {
                    reader = opened;
                    follower.readAll(opened);
                } catch (IOException e) {
                    follower.cannotRead(e);
                }
            }
        } catch (InterruptedException e) {
            condition = "ended: its thread was interrupted";
            Thread.currentThread().interrupt();
        }
    }
}
