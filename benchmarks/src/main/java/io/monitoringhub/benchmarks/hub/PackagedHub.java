package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The hub as its users get it: the tarball, unpacked, configured, started and stopped with {@code bin/hub}.
 *
 * <p>Survives {@link #kill} and can be started again on the same data. Used by one thread at a time.
 */
public final class PackagedHub implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path home;
    private final Path data;
    private final HubSetup setup;
    private long pid;
    private double readySeconds;

    private PackagedHub(Path home, Path data, HubSetup setup) {
        this.home = home;
        this.data = data;
        this.setup = setup;
    }

    /** Unpacks {@code tarball} below {@code work} and writes its hub.yaml. */
    public static PackagedHub unpack(Path tarball, Path work, HubSetup setup) throws IOException, InterruptedException {
        Path unpacked = Files.createDirectories(work.resolve("hub"));
        run(List.of("tar", "-xzf", tarball.toAbsolutePath().toString(), "-C", unpacked.toString()), work, work);
        Path home;
        try (Stream<Path> paths = Files.walk(unpacked, 3)) {
            home = paths.filter(path -> path.endsWith("bin/hub")).map(path -> path.getParent().getParent()).findFirst()
                    .orElseThrow(() -> new IOException(tarball + " holds no bin/hub: is it a packaged hub?"));
        }
        Files.createDirectories(home.resolve("conf"));
        Files.writeString(home.resolve("conf/hub.yaml"), setup.yaml());
        return new PackagedHub(home, Files.createDirectories(work.resolve("data")), setup);
    }

    /** Runs {@code bin/hub start} and waits until the port accepts connections. */
    public void start() throws IOException, InterruptedException {
        long start = System.nanoTime();
        command("start");
        while (!accepts()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IOException("the hub accepts no connection on port " + setup.port() + " after " + PATIENCE.toSeconds() + " s: see "
                        + data + " and " + home + "/conf/hub.yaml");
            }
            LockSupport.parkNanos(5_000_000);
        }
        readySeconds = (System.nanoTime() - start) / 1e9;
        pid = Long.parseLong(Files.readString(data.resolve("run/hub.pid")).strip());
    }

    /** Runs {@code bin/hub stop}; a hub that does not end by itself is killed, and that is an error. */
    public void stop() throws IOException, InterruptedException {
        if (!isAlive()) {
            return;
        }
        try {
            command("stop");
        } finally {
            if (isAlive() && !ended(PATIENCE)) {
                kill();
                throw new IOException("the hub (process " + pid + ") was still there " + PATIENCE.toSeconds() + " s after bin/hub stop");
            }
        }
    }

    /** {@code kill -9}, and waits until the process is gone. */
    public void kill() throws InterruptedException {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        if (!ended(PATIENCE)) {
            throw new IllegalStateException("process " + pid + " survives SIGKILL");
        }
    }

    /** Whether the process is there. */
    public boolean isAlive() {
        return pid != 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Runs {@code bin/hub} with {@code words}. @return what it printed */
    public String command(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/hub").toString()));
        command.addAll(Arrays.asList(words));
        return run(command, home, data);
    }

    /** Where the tarball was unpacked. */
    public Path home() {
        return home;
    }

    /** HUB_DATA. */
    public Path data() {
        return data;
    }

    /** Its configuration. */
    public HubSetup setup() {
        return setup;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), setup.port());
    }

    /** Process id of the last start. */
    public long pid() {
        return pid;
    }

    /** From the call of {@code bin/hub start} to the first accepted connection. */
    public double readySeconds() {
        return readySeconds;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(address(), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean ended(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (isAlive() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for the end of process " + pid);
            }
        }
        return !isAlive();
    }

    private static String run(List<String> command, Path folder, Path data) throws IOException, InterruptedException {
        // Into a file and not a pipe: the hub inherits the output, and a pipe would not end before the hub does.
        Path output = Files.createTempFile(data, "command-", ".out");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("HUB_DATA", data.toString());
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " did not end within " + PATIENCE.toSeconds() + " s: " + Files.readString(output));
        }
        String text = Files.readString(output);
        Files.delete(output);
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": " + text.strip());
        }
        return text;
    }
}
