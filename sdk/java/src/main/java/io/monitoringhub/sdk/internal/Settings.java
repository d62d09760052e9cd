package io.monitoringhub.sdk.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;

/**
 * What the sending half needs to know, validated. Immutable.
 *
 * @param source who sends
 * @param host address of the hub, or the absolute path of its Unix socket
 * @param port its TCP port
 * @param tls how to hide what goes over TCP; empty: not at all
 * @param saysHello whether to ask for acknowledgements at all
 * @param mayBePlain whether a hub that doesn't answer hello is taken for a plain one
 * @param compresses whether to offer compression with hello
 * @param bufferMessages messages kept in memory until they are confirmed
 * @param stagingBytes what the application may be ahead of the sender thread
 * @param linger how long messages are collected for one write
 * @param connectTimeout for one attempt
 * @param welcomeTimeout for the answer to hello
 * @param backoffMin first upper limit of the pause before the next attempt
 * @param backoffMax last upper limit of it
 * @param spool where lines go that memory can't hold; empty: nowhere
 */
public record Settings(String source, String host, int port, Optional<Tls> tls, boolean saysHello, boolean mayBePlain, boolean compresses,
        int bufferMessages, long stagingBytes, Duration linger, Duration connectTimeout, Duration welcomeTimeout, Duration backoffMin,
        Duration backoffMax, Optional<SpoolPlace> spool) {

    /** The upper limit of the pause after so many failures in a row before this one. */
    long longestPauseNanos(int failures) {
        long ceiling = backoffMin.toNanos() << Math.min(failures, 20);
        return Math.min(Math.max(ceiling, 1), backoffMax.toNanos());
    }

    IOException cannotConnect(IOException cause) {
        return new IOException("cannot connect to " + host + ":" + port + ": " + cause.getMessage(), cause);
    }

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
            // In a shared temporary folder somebody else may have been quicker.
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(owner())) {
                throw new IOException("the spool folder " + directory + " belongs to somebody else: set MONITORING_SPOOL_DIR");
            }
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
}
