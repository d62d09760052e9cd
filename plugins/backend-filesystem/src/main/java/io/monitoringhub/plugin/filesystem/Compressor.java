package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compresses files that have ended, on one thread of its own that starts with the first file. A crash at any moment leaves the file, or
 * its complete compressed form, or both; {@link #finish} goes on from each.
 *
 * <p>Thread-safe.
 */
final class Compressor {

    private static final Logger LOG = LoggerFactory.getLogger(Compressor.class);
    private static final int MAX_WAITING = 1_024;
    private static final int BLOCK = 1 << 16;
    private static final long MAX_CLOSE_MS = 2_000;

    private final Path folder;
    private final Disk disk;
    private final String threadName;
    private final BlockingQueue<FileName> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Queue<FileName> done = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private Thread thread;

    Compressor(Path folder, Disk disk, String threadName) {
        this.folder = folder;
        this.disk = disk;
        this.threadName = threadName;
    }

    /** Takes a file unless too many are waiting. */
    boolean offer(FileName file) {
        if (!waiting.offer(file)) {
            return false;
        }
        if (thread == null) {
            thread = new Thread(this::run, threadName);
            thread.setDaemon(true);
            thread.start();
        }
        return true;
    }

    /** Files that are compressed by now, each once. */
    Queue<FileName> done() {
        return done;
    }

    /** Why files were not compressed, each once. */
    Queue<String> failures() {
        return failures;
    }

    private void run() {
        try {
            while (true) {
                FileName file = waiting.take();
                try {
                    finish(file);
                    done.add(file);
                } catch (ClosedByInterruptException e) {
                    return;
                } catch (IOException e) {
                    LOG.warn("cannot compress {}, it stays as it is: {}", file.in(folder), e.toString());
                    failures.add("cannot compress " + file.in(folder) + ", it stays as it is until the backend is opened again: " + e);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("{} ends", threadName);
        }
    }

    private void finish(FileName name) throws IOException {
        Path file = name.in(folder);
        Path compressed = name.compressedIn(folder);
        if (!Files.exists(file)) {
            return;
        }
        if (Files.exists(compressed)) {
            if (uncompressedLength(compressed) != Files.size(file)) {
                throw new IOException(compressed + " is there already and holds something else");
            }
        } else {
            compress(file, compressed);
        }
        disk.delete(file);
        disk.forceFolder(file.getParent());
    }

    private void compress(Path file, Path compressed) throws IOException {
        Path draft = Disk.draft(compressed);
        try (FileChannel from = disk.open(file, StandardOpenOption.READ);
                InputStream in = Channels.newInputStream(from);
                FileChannel to = disk.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            OutputStream raw = Channels.newOutputStream(to);
            try (GZIPOutputStream out = new GZIPOutputStream(raw, BLOCK)) {
                in.transferTo(out);
                out.finish();
                disk.force(to);
            }
        }
        disk.rename(draft, compressed);
        disk.forceFolder(compressed.getParent());
    }

    private long uncompressedLength(Path compressed) throws IOException {
        try (FileChannel from = disk.open(compressed, StandardOpenOption.READ);
                InputStream in = new GZIPInputStream(Channels.newInputStream(from), BLOCK)) {
            return in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Stops within two seconds; what is unfinished is begun again after the next open. */
    void close() {
        if (thread == null) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        thread.interrupt();
        long deadline = System.nanoTime() + MAX_CLOSE_MS * 1_000_000;
        while (thread.isAlive() && System.nanoTime() < deadline) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (thread.isAlive()) {
            LOG.warn("{} has not ended within {} ms", threadName, MAX_CLOSE_MS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
