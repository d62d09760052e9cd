package io.monitoringhub.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The hub process of a data folder, seen from outside: is it there, is it ready, end it.
 *
 * <p>Used by one thread at a time.
 */
final class RunningHub {

    private final HubPaths paths;

    RunningHub(HubPaths paths) {
        this.paths = paths;
    }

    /** The process, if one holds the lock. Between lock and process id file there are microseconds, in which this is empty too. */
    Optional<ProcessHandle> process() throws IOException {
        if (!HubLock.isHeld(paths.lockFile())) {
            return Optional.empty();
        }
        return pid(paths.pidFile()).flatMap(ProcessHandle::of);
    }

    int status() throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            System.out.println("not running (" + paths.data() + ")");
            return ExitCode.NOT_RUNNING;
        }
        long pid = process.get().pid();
        Optional<String> addresses = new Readiness(paths.readyFile()).addresses(pid);
        if (addresses.isEmpty()) {
            System.out.println("running, not ready (pid " + pid + ", log " + paths.logs().resolve("hub.log") + ")");
            return ExitCode.UNKNOWN;
        }
        System.out.println("ready (pid " + pid + ")" + (addresses.get().isEmpty() ? "" : " " + addresses.get()));
        return ExitCode.OK;
    }

    /** SIGTERM, then waiting; SIGKILL only when asked for, as what had not been committed is then delivered again. */
    int stop(Duration patience, boolean force) throws IOException, InterruptedException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            System.out.println("not running (" + paths.data() + ")");
            return ExitCode.OK;
        }
        ProcessHandle hub = process.get();
        hub.destroy();
        if (ends(patience)) {
            System.out.println("stopped (pid " + hub.pid() + ")");
            return ExitCode.OK;
        }
        if (!force) {
            System.err.println("hub: pid " + hub.pid() + " still drains after " + patience.toSeconds()
                    + " s; look at 'hub shell lanes', wait with --timeout SECONDS, or end it with --force");
            return ExitCode.FAILED;
        }
        hub.destroyForcibly();
        boolean ended = ends(Duration.ofSeconds(5));
        System.out.println((ended ? "killed" : "cannot kill") + " (pid " + hub.pid() + ") after " + patience.toSeconds() + " s");
        return ended ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Looks at the lock: a process whose parent does not reap it, as in many containers, stays "alive" long after its end. */
    private boolean ends(Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (HubLock.isHeld(paths.lockFile())) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }

    static String pidText(HubPaths paths) throws IOException {
        return pid(paths.pidFile()).map(String::valueOf).orElse("unknown");
    }

    private static Optional<Long> pid(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file).strip();
        return text.matches("\\d{1,10}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }
}
