package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/**
 * A spool folder. Immutable.
 *
 * @param directory the folder
 * @param isPrivate whether it lies in a place that others can write to, and must be ours alone
 * @param maxBytes the most that one source keeps there
 */
public record SpoolPlace(Path directory, boolean isPrivate, long maxBytes) {

    /** Whether its files have owners and permissions. */
    public boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Makes the folder if it is not there; throws if a private one is somebody else's. */
    public void makeDirectory() throws IOException {
        if (!isPrivate || !isPosix()) {
            Files.createDirectories(directory);
            return;
        }
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!isOurs()) {
            throw new IOException("the spool folder " + directory + " belongs to somebody else: set MONITORING_SPOOL_DIR");
        }
    }

    /** Whether what is in it may be taken. In a shared temporary folder somebody else may have been quicker to make it. */
    public boolean isOurs() throws IOException {
        return !isPrivate || !isPosix() || Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(owner());
    }

    /** Whoever this process runs as: the owner of what it creates. */
    private static UserPrincipal owner() throws IOException {
        Path probe = Files.createTempFile("monitoring-spool", ".probe");
        try {
            return Files.getOwner(probe);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
