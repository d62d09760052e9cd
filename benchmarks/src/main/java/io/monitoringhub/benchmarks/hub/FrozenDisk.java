package io.monitoringhub.benchmarks.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A file system on which nothing that writes returns, as one of a server that has gone: such threads can be neither interrupted nor killed.
 * A process of its own watches over it, so that it thaws also when this one is killed.
 *
 * <p>Used by one thread at a time.
 */
public final class FrozenDisk implements AutoCloseable {
    private static final String WATCH = """
            trap '' INT TERM HUP
            fsfreeze --freeze "$1" || exit
            echo frozen
            read -r _
            fsfreeze --unfreeze "$1"
            """;

    private final Path folder;
    private final Process watch;

    private FrozenDisk(Path folder, Process watch) {
        this.folder = folder;
        this.watch = watch;
    }

    static FrozenDisk freeze(Path folder) throws IOException, InterruptedException {
        Process watch = new ProcessBuilder("bash", "-c", WATCH, "freeze", folder.toString()).redirectErrorStream(true).start();
        String first = watch.inputReader().readLine();
        if (!"frozen".equals(first)) {
            watch.waitFor();
            throw new IOException("cannot freeze " + folder + ", it takes root and util-linux: " + first);
        }
        return new FrozenDisk(folder, watch);
    }

    /** Writes go on, those that hung before the others. */
    @Override
    public void close() throws IOException, InterruptedException {
        watch.getOutputStream().close();
        if (!watch.waitFor(60, TimeUnit.SECONDS) || watch.exitValue() != 0) {
            throw new IOException(folder + " stays frozen: fsfreeze --unfreeze it by hand");
        }
    }
}
