package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.Backend;
import io.monitoringhub.spi.backend.DeliveryException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The time of one backend instance on a lane, from open to close, and the thread it has for that.
 *
 * <p><b>Fence.</b> An abandoned tenure's thread may run on, stuck in the plugin. Everything that would touch the lane asks first whether
 * the tenure still counts; the ledger does that under its lock.
 *
 * <p><b>Interrupts</b> reach the thread only while it is inside the plugin: one that hit our own file channels would close them.
 *
 * <p>Thread-safe.
 */
final class Tenure {

    /** A call into the plugin. */
    interface Call<T> {
        T run() throws DeliveryException, InterruptedException;
    }

    private final ComponentId id;
    private final Backend backend;
    private final LongSupplier nanoTime;
    private final CountDownLatch done = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ordered = lock.newCondition();
    private final Condition interrupted = lock.newCondition();

    private volatile boolean isStopping;
    private volatile boolean isAbandoned;
    private volatile boolean isHurried;
    private Runnable wakeUp = () -> { };
    private Thread thread;
    private boolean isInCall;
    private boolean isInterrupting;
    private long callSince;

    Tenure(ComponentId id, Backend backend, LongSupplier nanoTime) {
        this.id = id;
        this.backend = backend;
        this.nanoTime = nanoTime;
    }

    ComponentId id() {
        return id;
    }

    Backend backend() {
        return backend;
    }

    boolean isStopping() {
        return isStopping;
    }

    boolean isAbandoned() {
        return isAbandoned;
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /** Starts the thread; its very last act is to say that it is done. */
    void start(Runnable work) {
        Thread started = new Thread(() -> {
            try {
                work.run();
            } finally {
                done.countDown();
            }
        }, id.threadName());
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    /** Says how to wake the thread where it waits for entries; an order that came before wakes it, too. */
    void onWakeUp(Runnable action) {
        lock.lock();
        try {
            wakeUp = action;
            if (isStopping) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Asks the thread to finish; returns at once. */
    void stop() {
        signal(() -> isStopping = true);
    }

    /** Ends a wait for entries, because there is something else to do. */
    void wake() {
        signal(() -> { });
    }

    /** Cuts short a pause that is under way. */
    void hurry() {
        signal(() -> isHurried = true);
    }

    /** From now on nothing that the thread does counts. The caller holds the ledger's lock. */
    void abandon() {
        signal(() -> {
            isAbandoned = true;
            isStopping = true;
        });
        interrupt();
    }

    private void signal(Runnable order) {
        lock.lock();
        try {
            order.run();
            ordered.signalAll();
            wakeUp.run();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Interrupts the thread if it is inside the plugin. From a thread of its own: Java's interrupt of a thread that is in a file channel
     * returns only when the system lets go of that thread, and nobody here may wait for a destination.
     */
    void interrupt() {
        lock.lock();
        try {
            if (isInCall && !isInterrupting) {
                isInterrupting = true;
                Thread interrupter = new Thread(this::interruptTheThread, id.threadName() + "-interrupt");
                interrupter.setDaemon(true);
                interrupter.start();
            }
        } finally {
            lock.unlock();
        }
    }

    private void interruptTheThread() {
        thread.interrupt();
        lock.lock();
        try {
            isInterrupting = false;
            interrupted.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How long the current call into the plugin has taken; zero outside of it. */
    long callNanos() {
        lock.lock();
        try {
            return isInCall ? nanoTime.getAsLong() - callSince : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the thread has let go of everything. Bounded, so an interrupt of the waiting thread is kept for afterwards. */
    boolean awaitDone(long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException later) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Calls into the plugin. On the tenure's thread. */
    <T> T call(Call<T> plugin) throws DeliveryException, InterruptedException, TenureOver {
        enter();
        try {
            return plugin.run();
        } finally {
            leave();
        }
    }

    private void enter() throws TenureOver {
        lock.lock();
        try {
            if (isAbandoned) {
                throw new TenureOver(false);
            }
            callSince = nanoTime.getAsLong();
            isInCall = true;
        } finally {
            lock.unlock();
        }
    }

    /** An interrupt that came too late, or that the plugin left behind, must not reach our own channels. */
    private void leave() {
        lock.lock();
        try {
            while (isInterrupting) {
                interrupted.awaitUninterruptibly();
            }
            isInCall = false;
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves by exception if the tenure is over. */
    void check() throws TenureOver {
        if (isStopping) {
            throw new TenureOver(!isAbandoned);
        }
    }

    /** Waits on the tenure's thread, until the time is over or somebody is in a hurry. */
    void pause(long nanos) throws TenureOver {
        lock.lock();
        try {
            isHurried = false;
            long left = nanos;
            while (left > 0 && !isStopping && !isHurried) {
                left = awaitOrder(left);
            }
        } finally {
            lock.unlock();
        }
        check();
    }

    private long awaitOrder(long nanos) {
        try {
            return ordered.awaitNanos(nanos);
        } catch (InterruptedException strange) {
            return nanos;
        }
    }
}
