package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import io.monitoringhub.command.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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

    int status(boolean asJson) throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            say(asJson, "not running (" + paths.data() + ")", Json.map("state", "not_running", "data", paths.data()));
            return ExitCode.NOT_RUNNING;
        }
        long pid = process.get().pid();
        Optional<String> addresses = new Readiness(paths.readyFile()).addresses(pid);
        Path log = paths.logs().resolve("hub.log");
        if (addresses.isEmpty()) {
            say(asJson, "running, not ready (pid " + pid + ", log " + log + ")",
                    Json.map("state", "not_ready", "pid", pid, "data", paths.data(), "log", log));
            return ExitCode.UNKNOWN;
        }
        say(asJson, "ready (pid " + pid + ")" + (addresses.get().isEmpty() ? "" : " " + addresses.get()),
                Json.map("state", "ready", "pid", pid, "data", paths.data(), "log", log, "addresses", byName(addresses.get())));
        return ExitCode.OK;
    }

    private static void say(boolean asJson, String text, Map<String, Object> json) {
        System.out.println(asJson ? Json.text(json) : text);
    }

    /** {@code tcp=127.0.0.1:17000} and so on. */
    private static Map<String, Object> byName(String addresses) {
        Map<String, Object> byName = new LinkedHashMap<>();
        for (String each : addresses.split(" ")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                byName.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        return byName;
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
