package io.monitoringhub.benchmarks.verify;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Follows growing files: shows every line once, soon after it appears. Compressed files are left out, because they were
 * followed while they grew. Used by one thread at a time.
 */
public final class FileTailer implements AutoCloseable {
    private static final long LOOK_AGAIN_NANOS = 20_000_000;

    private final Path folder;
    private final LineVisitor visitor;
    private final Set<Path> known = new HashSet<>();
    private final List<Followed> followed = new ArrayList<>();
    private long nextLook = System.nanoTime();

    /** Follows all files below {@code folder}, also those that come later. */
    public FileTailer(Path folder, LineVisitor visitor) {
        this.folder = folder;
        this.visitor = visitor;
    }

    /** Shows what is new. @return bytes read */
    public long poll() throws IOException {
        long now = System.nanoTime();
        if (now - nextLook >= 0) {
            nextLook = now + LOOK_AGAIN_NANOS;
            look();
        }
        long bytes = 0;
        for (Followed file : followed) {
            bytes += file.cutter.read(file.channel, visitor);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        for (Followed file : followed) {
            file.channel.close();
        }
    }

    private void look() throws IOException {
        for (BackendFile file : BackendFile.list(folder)) {
            if (!file.compressed() && known.add(file.path())) {
                followed.add(new Followed(file.open(), new LineCutter()));
            }
        }
    }

    /** An open file and its partial line. */
    private record Followed(ReadableByteChannel channel, LineCutter cutter) { }
}
