package io.monitoringhub.plugin.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Finds out whether a process has a spool file locked. SDKs use two kinds of locks that don't see each other: flock(2), which Java can't ask
 * for, so that the program flock(1) does it, and record locks, which Java has. Used by one thread.
 *
 * <p>To know is enough: a process locks its file from its first line to its last, so one without a lock will never be written again, and
 * among those who want to send it the rename decides.
 */
final class Locks {

    private static final long PATIENCE_SECONDS = 10;

    private final String program;

    /** @param program the name or path of flock(1) */
    Locks(String program) {
        this.program = program;
    }

    /**
     * Asks.
     *
     * @param file not a link, and a regular file
     * @throws IOException when it can't be found out; the message says what to do
     */
    boolean isHeld(Path file) throws IOException, InterruptedException {
        return hasRecordLock(file) || !file.toString().endsWith("-java") && hasFlock(file);
    }

    private static boolean hasRecordLock(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (OverlappingFileLockException thisProcess) {
            return true;
        }
    }

    private boolean hasFlock(Path file) throws IOException, InterruptedException {
        Process asking;
        try {
            asking = new ProcessBuilder(program, "-s", "-n", "0").redirectInput(file.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException missing) {
            throw new IOException("cannot find out whether a process still has " + file + ": " + missing.getMessage()
                    + ". Install flock (package util-linux), or rename it to .ldjson once no process uses it", missing);
        }
        try {
            if (!asking.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("'" + program + "' did not say within " + PATIENCE_SECONDS + " s whether a process has " + file);
            }
        } finally {
            asking.destroyForcibly();
        }
        return switch (asking.exitValue()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new IOException("'" + program + "' could not say whether a process still has " + file + ": it ended with "
                    + asking.exitValue() + ". Rename the file to .ldjson once no process uses it");
        };
    }
}
