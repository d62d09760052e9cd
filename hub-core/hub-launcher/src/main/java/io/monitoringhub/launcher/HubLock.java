package io.monitoringhub.launcher;

import io.monitoringhub.command.ExitCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * The right to be the hub of one data folder. The kernel takes it back when the process dies, however it dies, so a held lock means a
 * living hub and a process id file without the lock means nothing.
 *
 * <p>It is taken before the framework is created: Felix's own lock lies in the cache that a starting framework wipes.
 *
 * <p>Used by one thread at a time.
 */
final class HubLock implements AutoCloseable {

    /** A {@code status} that probes at this very moment holds the lock for microseconds; that is no reason to refuse a start. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final FileChannel channel;

    private HubLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock, or refuses with the process id of who has it. */
    static HubLock acquire(HubPaths paths) throws ExitException, IOException, InterruptedException {
        FileChannel channel = FileChannel.open(paths.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new HubLock(channel);
            }
            if (System.nanoTime() > deadline) {
                channel.close();
                throw new ExitException(ExitCode.UNAVAILABLE, "a hub already runs on " + paths.data() + " (pid "
                        + RunningHub.pidText(paths) + "): stop it with 'hub stop', or give this one another HUB_DATA");
            }
            Thread.sleep(20);
        }
    }

    /** Tells whether a living process has the lock, without disturbing it. */
    static boolean isHeld(Path lockFile) throws IOException {
        if (!Files.exists(lockFile)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
            return lock == null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
