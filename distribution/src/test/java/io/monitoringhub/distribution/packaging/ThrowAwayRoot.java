package io.monitoringhub.distribution.packaging;

import io.monitoringhub.distribution.PackagedHub.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * This machine's file system with a layer of memory over it: packages can be installed and users made, and nothing of it is left. It exists in a mount
 * namespace of its own, which a process holds that does nothing else. Network, process ids and users are the machine's.
 *
 * <p>Used by one thread at a time.
 */
final class ThrowAwayRoot implements AutoCloseable {

    private static final String MOUNT = """
            set -e
            mount -t tmpfs -o size=2g,mode=755 tmpfs "$1"
            mkdir "$1/changes" "$1/work" "$1/root"
            mount -t overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" overlay "$1/root"
            mkdir "$1/root/.changes"
            mount --bind "$1/changes" "$1/root/.changes"
            mount --bind /proc "$1/root/proc"
            mount --rbind /dev "$1/root/dev"
            mount -t tmpfs -o mode=755 tmpfs "$1/root/run"
            mount -t tmpfs -o mode=1777 tmpfs "$1/root/tmp"
            exec chroot "$1/root" /bin/sh -c 'echo mounted; read -r end || exit 0'
            """;

    /** In a root that was changed into, which is no mount, the kernel refuses the first: the second leaves mounts as they are. */
    private static final List<String> PROPAGATIONS = List.of("private", "unchanged");

    private final Process holder;
    private final Path folder;
    private final Path outputs;
    private int commands;

    private ThrowAwayRoot(Process holder, Path folder, Path outputs) {
        this.holder = holder;
        this.folder = folder;
        this.outputs = outputs;
    }

    /** Makes one; empty if that is not allowed here: it takes root, mounts and overlays. */
    static Optional<ThrowAwayRoot> open(Path scratch) throws IOException, InterruptedException {
        Path outputs = Files.createDirectories(scratch.resolve("outputs"));
        for (String propagation : PROPAGATIONS) {
            Path folder = Files.createDirectories(scratch.resolve("root-" + propagation));
            Process holder;
            try {
                holder = new ProcessBuilder("unshare", "--mount", "--propagation", propagation, "/bin/sh", "-c", MOUNT, "sh", folder.toString())
                        .redirectError(propagation.equals("private") ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.INHERIT).start();
            } catch (IOException noSuchProgram) {
                return Optional.empty();
            }
            BufferedReader answer = new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
            if ("mounted".equals(answer.readLine())) {
                return Optional.of(new ThrowAwayRoot(holder, folder, outputs));
            }
            holder.waitFor();
            unmount(folder);
        }
        return Optional.empty();
    }

    /** A path in it, as seen from here. Links on the way that are absolute lead out of it. */
    Path at(String path) {
        return Path.of("/proc/" + holder.pid() + "/root" + path);
    }

    /** Runs a command as root to its end. */
    Outcome run(String... command) throws IOException, InterruptedException {
        return finish(process(Optional.empty(), Map.of("PATH", System.getenv("PATH"), "DEBIAN_FRONTEND", "noninteractive"), List.of(command)));
    }

    /** Runs a command as another user, with this environment and no other. */
    Outcome runAs(String user, Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        return finish(process(Optional.of(user), environment, command));
    }

    /** The same, not waiting for its end. Its process id is that of the command. */
    Process startAs(String user, Map<String, String> environment, List<String> command, Path output) throws IOException {
        return process(Optional.of(user), environment, command).redirectOutput(output.toFile()).start();
    }

    private ProcessBuilder process(Optional<String> user, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--target", Long.toString(holder.pid()), "--mount", "--root", "--wd"));
        user.ifPresent(name -> {
            String[] ids = name.split(":");
            all.addAll(List.of("setpriv", "--reuid=" + ids[0], "--regid=" + ids[ids.length - 1]));
            // A number need not be a user of this machine.
            all.add(ids[0].matches("\\d+") ? "--clear-groups" : "--init-groups");
            all.addAll(List.of("env", "-i"));
            environment.forEach((key, value) -> all.add(key + "=" + value));
        });
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("HUB_") || name.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        return builder;
    }

    private Outcome finish(ProcessBuilder builder) throws IOException, InterruptedException {
        Path output = outputs.resolve("command-" + commands++);
        Process process = builder.redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(builder.command() + " did not end: " + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    /** What there is now and is not on the machine, apart from /run and /tmp. */
    List<String> additions() throws IOException {
        Path changes = at("/.changes");
        // A hub that runs in it may take away what was just listed.
        while (true) {
            try {
                return additions(changes);
            } catch (UncheckedIOException gone) {
                if (!(gone.getCause() instanceof NoSuchFileException)) {
                    throw gone;
                }
            }
        }
    }

    private static List<String> additions(Path changes) throws IOException {
        try (Stream<Path> all = Files.walk(changes)) {
            return all.map(each -> "/" + changes.relativize(each)).filter(name -> !name.equals("/") && !name.startsWith("/.changes"))
                    .filter(name -> !Files.exists(Path.of(name), LinkOption.NOFOLLOW_LINKS)).sorted().toList();
        }
    }

    private static void unmount(Path folder) throws IOException, InterruptedException {
        boolean mounted;
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            mounted = mounts.anyMatch(line -> line.contains(" " + folder + " "));
        }
        if (mounted) {
            new ProcessBuilder("umount", "--lazy", folder.toString()).inheritIO().start().waitFor();
        }
    }

    /** Ends what holds it; processes that were started in it have to have ended. */
    @Override
    public void close() throws IOException, InterruptedException {
        holder.getOutputStream().close();
        if (!holder.waitFor(60, TimeUnit.SECONDS)) {
            holder.destroyForcibly();
        }
        unmount(folder);
    }
}
