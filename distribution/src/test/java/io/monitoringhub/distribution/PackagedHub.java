package io.monitoringhub.distribution;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tarball as a user meets it: unpacked into a folder, driven through {@code bin/hub}.
 *
 * <p>Used by one thread at a time, except for {@link #shell} and {@link #waitUntil}.
 */
public final class PackagedHub implements AutoCloseable {

    /** A busy machine may take ten times as long as a quiet one. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long COMMAND_SECONDS = 180;

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();

    private PackagedHub(Path home) {
        this.home = home;
    }

    /** Unpacks the tarball of this build below a folder. */
    public static PackagedHub unpackInto(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path tarball = Path.of(System.getProperty("hub.tarball", "target/monitoring-hub-0.1.0.tar.gz")).toAbsolutePath();
        Process tar = new ProcessBuilder("tar", "xzf", tarball.toString()).directory(folder.toFile()).inheritIO().start();
        if (tar.waitFor() != 0) {
            throw new IOException("cannot unpack " + tarball);
        }
        try (Stream<Path> top = Files.list(folder)) {
            return new PackagedHub(top.filter(path -> path.getFileName().toString().startsWith("monitoring-hub-"))
                    .findFirst().orElseThrow());
        }
    }

    /** Sets a variable, such as HUB_DATA, for every later command. */
    public PackagedHub with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    public Path home() {
        return home;
    }

    public Path data() {
        return Path.of(environment.getOrDefault("HUB_DATA", home.resolve("data").toString()));
    }

    public Path conf() {
        return Path.of(environment.getOrDefault("HUB_CONF", home.resolve("conf/hub.yaml").toString()));
    }

    public Path plugins() {
        return Path.of(environment.getOrDefault("HUB_PLUGINS", home.resolve("plugins").toString()));
    }

    /** Writes the configuration file, in one step: a hub that runs never reads half of it. */
    public PackagedHub configure(String yaml) throws IOException {
        replace(conf(), yaml);
        return this;
    }

    /** Gives a file that the hub may be reading another content, in one step. */
    public static void replace(Path file, String content) throws IOException {
        Files.move(Files.writeString(file.resolveSibling(file.getFileName() + ".new"), content), file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** {@code bin/hub start}: returns when the hub is ready. */
    public PackagedHub start() throws IOException, InterruptedException {
        Outcome outcome = hub("start");
        if (outcome.exitCode() != 0) {
            throw new AssertionError("hub start: " + outcome + "\n" + describe());
        }
        return this;
    }

    /** {@code bin/hub stop}: returns when the process has ended. */
    public Outcome stop() throws IOException, InterruptedException {
        return hub("stop");
    }

    /** As a power cut for the process: SIGKILL. */
    public void kill() throws IOException {
        ProcessHandle process = ProcessHandle.of(pid()).orElseThrow();
        process.destroyForcibly();
        waitUntil("the killed process has gone", () -> !isRunning());
    }

    public long pid() throws IOException {
        return Long.parseLong(Files.readString(data().resolve("run/hub.pid")).strip());
    }

    /** Whether the process is there; one that ended and was not reaped by its parent is not. */
    public boolean isRunning() {
        try {
            return Files.exists(data().resolve("run/hub.pid"))
                    && Files.readString(Path.of("/proc/" + pid() + "/stat")).matches("(?s).*\\) [^ZX] .*");
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs {@code bin/hub} with these arguments to its end. */
    public Outcome hub(String... arguments) throws IOException, InterruptedException {
        return run(Stream.concat(Stream.of(home.resolve("bin/hub").toString()), Stream.of(arguments)).toList());
    }

    /** Runs any program with the hub's environment. */
    public Outcome run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("hub-command-", ".out");
        try {
            Process process = process(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end: " + Files.readString(output) + "\n" + describe());
            }
            return new Outcome(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    /** A process with the hub's environment, not yet started. */
    public ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("HUB_"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** What a command did. */
    public record Outcome(int exitCode, String output) {
    }

    /** One shell command, straight through the socket: some milliseconds instead of the start of a client. */
    public Outcome shell(String command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket()));
            channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
            StringBuilder text = new StringBuilder();
            for (String line : lines(channel)) {
                if (line.startsWith("=")) {
                    return new Outcome(Integer.parseInt(line.substring(1)), text.toString());
                }
                text.append(line, 1, line.length()).append('\n');
            }
            throw new IOException("the shell hung up after: " + text);
        }
    }

    private Path socket() throws IOException {
        Path note = data().resolve("run/hub.sock.path");
        return Files.exists(note) ? Path.of(Files.readString(note).strip()) : data().resolve("run/hub.sock");
    }

    private static List<String> lines(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (!all.toString(StandardCharsets.UTF_8).matches("(?s)(.*\n)?=\\d+\n") && channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** What a shell command prints. */
    public String ask(String command) {
        try {
            return shell(command).output();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code hub:lanes} says about a lane. */
    public LaneStatus lane(String name) {
        return LaneStatus.in(ask("hub:lanes"), name);
    }

    /** Puts a jar into {@code plugins/} the way operators should: under a dot name, then by rename. */
    public void drop(Path jar, String name) throws IOException {
        Path draft = plugins().resolve("." + name + ".tmp");
        Files.copy(jar, draft, StandardCopyOption.REPLACE_EXISTING);
        Files.move(draft, plugins().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The line of {@code hub:plugins} about a file; empty if there is none. */
    public String plugin(String file) {
        return ask("hub:plugins").lines().filter(line -> line.startsWith(file + " ")).findFirst().orElse("");
    }

    /** Waits for what a shell command prints; a hub that listens may still be busy with plugins. */
    public void waitForShell(String command, Predicate<Outcome> condition) {
        AtomicReference<Outcome> last = new AtomicReference<>(new Outcome(-1, ""));
        waitUntil("'" + command + "' says so", () -> {
            try {
                last.set(shell(command));
                return condition.test(last.get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, () -> last.get().output());
    }

    /** Waits for something to become true; else fails and shows the hub's state. */
    public void waitUntil(String what, BooleanSupplier condition) {
        waitUntil(what, condition, () -> "");
    }

    /** The same, with a further line about what was seen last. */
    public void waitUntil(String what, BooleanSupplier condition, Supplier<String> seen) {
        waitUntil(what, PATIENCE, condition, seen);
    }

    /** The same for what may take longer, such as a server's start. */
    public void waitUntil(String what, Duration patience, BooleanSupplier condition, Supplier<String> seen) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience.toSeconds() + " s: " + what + "\n" + seen.get() + "\n" + describe());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting until " + what, e);
            }
        }
    }

    /** Waits until {@code hub:plugins} says this about a file. */
    public void waitForPlugin(String file, String words) {
        waitUntil(file + " is '" + words + "'", () -> plugin(file).contains(words), () -> "it is: " + plugin(file));
    }

    /** The last lines of the hub's own log. */
    public String logTail(int lines) {
        Path log = data().resolve("logs/hub.log");
        try {
            List<String> all = Files.exists(log) ? Files.readAllLines(log) : List.of("no " + log);
            return all.stream().skip(Math.max(0, all.size() - lines)).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "cannot read " + log + ": " + e;
        }
    }

    private String describe() {
        String plugins;
        try {
            plugins = shell("hub:plugins").output() + shell("lb").output();
        } catch (IOException e) {
            plugins = "shell: " + e;
        }
        return plugins + "\n" + logTail(60);
    }

    /** Leaves no process behind, whatever the test did. */
    @Override
    public void close() throws IOException {
        if (isRunning()) {
            kill();
        }
    }
}
