package io.monitoringhub.plugin.stream;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one server, an event loop each.
 *
 * <p>Not one of Netty's groups: those announce their end on a thread that all of Netty shares and that lives on for a second, with the class
 * loader of a bundle that may be gone by then. Thread-safe.
 */
final class Loops {

    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    /** How long threads may take to end after they were interrupted. */
    private static final long INTERRUPTED_MILLIS = 1000;

    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final List<SingleThreadIoEventLoop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    Loops(String threadName, int count) throws IOException {
        try {
            for (int number = 1; number <= count; number++) {
                loops.add(loop(threadName + "-" + number));
            }
        } catch (ChannelException failure) {
            shutDown(Duration.ZERO);
            throw new IOException("cannot open a selector: " + failure.getMessage() + ". If these are too many open files, raise LimitNOFILE",
                    failure);
        }
    }

    private SingleThreadIoEventLoop loop(String threadName) {
        return new SingleThreadIoEventLoop(null, task -> {
            Thread thread = new FastThreadLocalThread(task, threadName);
            threads.add(thread);
            return thread;
        }, NioIoHandler.newFactory());
    }

    /** One after the other. */
    EventLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /**
     * Closes what is still open and ends the threads; those that do not end within the time are interrupted.
     *
     * @throws InterruptedException when the calling thread was wanted back; the threads have ended even so
     */
    void stop(Duration grace) throws InterruptedException {
        long until = System.nanoTime() + grace.toNanos();
        shutDown(grace);
        boolean wasInterrupted = false;
        boolean allEnded = true;
        for (Thread thread : threads) {
            wasInterrupted |= join(thread, until);
            allEnded &= !thread.isAlive();
        }
        if (!allEnded) {
            wasInterrupted |= interrupt();
        }
        if (wasInterrupted) {
            throw new InterruptedException();
        }
    }

    private void shutDown(Duration grace) {
        loops.forEach(loop -> loop.shutdownGracefully(0, Math.max(1, grace.toMillis()), TimeUnit.MILLISECONDS));
    }

    /** @return whether the calling thread was interrupted */
    private boolean interrupt() {
        boolean wasInterrupted = false;
        threads.forEach(Thread::interrupt);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(INTERRUPTED_MILLIS);
        for (Thread thread : threads) {
            wasInterrupted |= join(thread, until);
            if (thread.isAlive()) {
                LOG.error("thread {} does not end: a fault of the hub, please report it with a thread dump", thread.getName());
            }
        }
        return wasInterrupted;
    }

    /** Waits for the end of a thread, whoever wants the calling one back: nothing may be touched while a loop still uses it. */
    private static boolean join(Thread thread, long until) {
        boolean wasInterrupted = false;
        long left = until - System.nanoTime();
        do {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
            } catch (InterruptedException wanted) {
                wasInterrupted = true;
            }
            left = until - System.nanoTime();
        } while (thread.isAlive() && left > 0);
        return wasInterrupted;
    }
}
