package io.monitoringhub.plugin.spool;

import java.time.Duration;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that looks into the folders until it is stopped. {@link #start} and {@link #stop} are called once each. */
final class SpoolWorker {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolWorker.class);

    private final Thread thread;
    private final Folders folders;
    private final Look look;
    private final Problems problems;
    private final Duration poll;
    private volatile boolean stopping;

    SpoolWorker(String name, Folders folders, Look look, Problems problems, Duration poll) {
        this.thread = new Thread(this::work, name);
        this.folders = folders;
        this.look = look;
        this.problems = problems;
        this.poll = poll;
    }

    void start() {
        thread.start();
    }

    /** Leaves the file in hand where it is, and returns when the thread has ended, or after so long. */
    void stop(Duration grace) throws InterruptedException {
        stopping = true;
        thread.interrupt();
        thread.join(Math.max(1, grace.toMillis()));
        if (thread.isAlive()) {
            LOG.warn("{} is still busy with a file after {} ms; it ends when the disk answers", thread.getName(), grace.toMillis());
        }
    }

    private void work() {
        try (folders; Watch watch = new Watch()) {
            while (!stopping) {
                if (!lookOnce(watch)) {
                    watch.await(poll);
                }
            }
        } catch (InterruptedException wanted) {
            LOG.debug("{} ends", thread.getName());
        }
    }

    private boolean lookOnce(Watch watch) throws InterruptedException {
        boolean hasTaken = false;
        try {
            Collection<SpoolFolder> current = folders.current(problems);
            watch.over(current.stream().map(SpoolFolder::path).toList());
            hasTaken = look.over(current);
        } catch (RuntimeException fault) { // thread boundary: the next look may fare better
            LOG.error("{}: a fault while looking for files", thread.getName(), fault);
            problems.add("a fault while looking for files: " + fault);
        }
        problems.report();
        return hasTaken;
    }
}
