package io.monitoringhub.runtime.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How Linux schedules the hub while it starts. {@code bin/hub} begins it under {@code SCHED_BATCH} (sched(7)): a start keeps all processors
 * of a small machine busy, and under this policy none of its threads interrupts an application. When the start is over, all threads go back
 * to {@code SCHED_OTHER}. A policy that the operator has chosen stays.
 *
 * <p>Used by one thread.
 */
final class StartPolicy {

    private static final Logger LOG = LoggerFactory.getLogger(StartPolicy.class);

    /** Set by bin/hub, and only if it is bin/hub that has chosen the policy. */
    static final String VARIABLE = "HUB_START_POLICY";
    /** From /usr/include/linux/sched.h. */
    private static final String SCHED_BATCH = "3";
    /** Place of the policy in /proc/PID/task/TID/stat behind the name, which may hold spaces; proc(5) counts two more. */
    private static final int POLICY = 38;
    /** A thread that one of them begins meanwhile has its policy. */
    private static final int PASSES = 10;
    private static final long PASS_SECONDS = 5;

    private final Path threads = Path.of("/proc/self/task");
    private boolean isOver = !"batch".equals(System.getenv(VARIABLE));

    /** The hub has started. Does nothing the second time. */
    void end() {
        if (isOver) {
            return;
        }
        isOver = true;
        try {
            for (int pass = 0; pass < PASSES && anyIsBatch(); pass++) {
                makeNormal();
            }
            if (anyIsBatch()) {
                throw new IOException("chrt has not changed it");
            }
        } catch (IOException failure) {
            LOG.warn("the hub stays under the scheduling policy batch, in which its own threads wait longer: {}. 'chrt --all-tasks --other --pid 0 {}'"
                    + " ends that", failure.getMessage(), ProcessHandle.current().pid());
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean anyIsBatch() throws IOException {
        try (Stream<Path> all = Files.list(threads)) {
            return all.anyMatch(StartPolicy::isBatch);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isBatch(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[POLICY].equals(SCHED_BATCH);
        } catch (IOException ended) { // such a thread has no policy
            return false;
        }
    }

    /** A thread that ends meanwhile makes chrt fail, so its exit code says nothing. */
    private static void makeNormal() throws IOException, InterruptedException {
        Process chrt = new ProcessBuilder(List.of("chrt", "--all-tasks", "--other", "--pid", "0", Long.toString(ProcessHandle.current().pid())))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (!chrt.waitFor(PASS_SECONDS, TimeUnit.SECONDS)) {
            chrt.destroyForcibly();
            throw new IOException("chrt does not end");
        }
    }
}
