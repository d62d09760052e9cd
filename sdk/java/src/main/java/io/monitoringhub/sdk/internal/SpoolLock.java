package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file that one SDK instance of all processes has for itself, and gives back by ending.
 *
 * <p>The kernel's locks belong to the process, not to the one who took them: a second instance in this JVM that merely opened and closed the
 * file would take the lock away from the first. So within the JVM a name in the system properties comes first: they are the only thing
 * that all copies of this class share, whatever class loader they come from. Used by one thread at a time.
 */
public final class SpoolLock implements AutoCloseable {

    private static final String IN_USE = "io.monitoringhub.sdk.spool.";

    private final List<String> properties = new ArrayList<>();
    private final RandomAccessFile file;

    private SpoolLock(String property, RandomAccessFile file) {
        properties.add(property);
        this.file = file;
    }

    /** Opens the file and locks it; empty if somebody else has it. {@code key} is the name in this JVM, which outlives renames. */
    public static Optional<SpoolLock> tryLock(Path path, String key) throws IOException {
        String property = IN_USE + key;
        if (System.getProperties().putIfAbsent(property, "in use") != null) {
            return Optional.empty();
        }
        RandomAccessFile file = null;
        boolean locked = false;
        try {
            file = new RandomAccessFile(path.toFile(), "rw");
            locked = file.getChannel().tryLock() != null;
            return locked ? Optional.of(new SpoolLock(property, file)) : Optional.empty();
        } catch (OverlappingFileLockException alsoInUse) {
            return Optional.empty();
        } finally {
            if (!locked) {
                if (file != null) {
                    file.close();
                }
                System.getProperties().remove(property);
            }
        }
    }

    /** The file gets another name, which nobody else knows yet. In this JVM it has both from now on, because it has one or the other on the disk. */
    void alsoNamed(String key) {
        properties.add(IN_USE + key);
        System.getProperties().put(IN_USE + key, "in use");
    }

    /** The file, open for reading and writing. */
    public RandomAccessFile file() {
        return file;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException nothingToSave) {
            // The lock goes with the descriptor, whatever close says.
        }
        properties.forEach(System.getProperties()::remove);
    }
}
