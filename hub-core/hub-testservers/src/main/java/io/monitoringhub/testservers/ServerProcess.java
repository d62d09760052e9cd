package io.monitoringhub.testservers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The process of a server, its children included: its output goes to a file, its start is awaited, and it leaves nothing behind.
 *
 * <p>As root it runs as {@code nobody}, because database and search servers refuse to run as root. Used by one thread at a time.
 */
public final class ServerProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long LOOK_AGAIN_MILLIS = 20;
    private static final int SHOWN_BYTES = 4_000;

    private final String name;
    private final Process process;
    private final Path output;

    private ServerProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /** Says whether a server answers. */
    public interface Ready {
        /** @throws IOException as long as it does not, for example because nobody listens */
        boolean test() throws IOException;
    }

    /**
     * Starts a program and waits until it is ready.
     *
     * @param name for messages
     * @param command the program, its folder and its environment; as root it is run as {@code nobody}, see {@link #giveToServer}
     * @param output the file that gets what it prints; appended to
     * @throws IOException when it ends, or is not ready in time; with the last lines of its output
     */
    public static ServerProcess start(String name, ProcessBuilder command, Path output, Ready ready) throws IOException, InterruptedException {
        command.command(asServer(command.command())).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        ServerProcess server = new ServerProcess(name, command.start(), output);
        try {
            server.process.getOutputStream().close();
            server.await(ready);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** A loopback port that nobody uses at this moment, another one with each call. */
    public static int freePort() throws IOException {
        return FreePorts.next();
    }

    /**
     * Makes a folder, with all that is in it, the server's own: as root that of {@code nobody}. It and those above it, within the temporary
     * folder, let others pass: JUnit's are their makers' alone.
     */
    public static Path giveToServer(Path folder) throws IOException, InterruptedException {
        if (isRoot()) {
            run(List.of("chown", "-R", "nobody:nogroup", folder.toString()));
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
        for (Path each = folder.toRealPath(); each.startsWith(temporary) && !each.equals(temporary); each = each.getParent()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(each);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
            Files.setPosixFilePermissions(each, permissions);
        }
        return folder;
    }

    /** As {@link #run}, but as root it is run as {@code nobody}. */
    public static void runAsServer(List<String> command) throws IOException, InterruptedException {
        run(asServer(command));
    }

    private static List<String> asServer(List<String> command) {
        List<String> words = new ArrayList<>();
        if (isRoot()) {
            words.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
        }
        words.addAll(command);
        return words;
    }

    /** Runs a program to its end. @throws IOException when its exit code is not 0, with what it printed */
    public static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + " ended with " + process.exitValue() + ": " + printed);
        }
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void await(Ready ready) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        IOException last = null;
        while (System.nanoTime() < end) {
            try {
                if (ready.test()) {
                    return;
                }
            } catch (IOException notYet) {
                last = notYet;
            }
            if (process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException(name + " ended with " + process.exitValue() + ": " + outputTail());
            }
        }
        throw new IOException(name + " was not ready within " + PATIENCE.toSeconds() + " s: " + outputTail(), last);
    }

    /** The end of what it printed. */
    public String outputTail() throws IOException {
        byte[] all = Files.exists(output) ? Files.readAllBytes(output) : new byte[0];
        int from = Math.max(0, all.length - SHOWN_BYTES);
        return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    }

    /** SIGSTOP to it and all its children. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT to them. */
    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** By the shell's own kill: a bare machine has no program of that name. A child that has ended meanwhile is no matter. */
    private void signal(String signal) throws IOException, InterruptedException {
        List<String> pids = new ArrayList<>(List.of(Long.toString(process.pid())));
        process.descendants().forEach(child -> pids.add(Long.toString(child.pid())));
        run(List.of("sh", "-c", "kill -" + signal + " " + String.join(" ", pids) + " || kill -0 " + process.pid()));
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** SIGKILL to it and all its children; returns when they have gone. Idempotent. */
    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
        family.forEach(child -> child.onExit().join());
    }
}
