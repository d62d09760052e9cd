package io.monitoringhub.testservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A folder whose file system Java can name. In a root that was changed into (chroot) it can't, as {@code /} is no mount there, and search servers
 * then refuse their data folder; so it gets a file system of its own, in memory. Used by one thread at a time.
 */
final class KnownDisk implements AutoCloseable {

    private final Path folder;
    private final boolean isMounted;

    private KnownDisk(Path folder, boolean isMounted) {
        this.folder = folder;
        this.isMounted = isMounted;
    }

    /** Makes the folder; the test is left out where that takes a mount that is not allowed here. */
    static KnownDisk at(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        try {
            Files.getFileStore(folder);
            return new KnownDisk(folder, false);
        } catch (IOException noMount) {
            try {
                ServerProcess.run(List.of("mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", folder.toString()));
            } catch (IOException refused) {
                Assumptions.abort("the server would not know the file system of " + folder + " (" + noMount.getMessage() + "), and mounting one is"
                        + " refused: " + refused.getMessage());
            }
            return new KnownDisk(folder, true);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (isMounted) {
            ServerProcess.run(List.of("umount", "-l", folder.toString()));
        }
    }
}
