package io.monitoringhub.spi.transport;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Where a transport wants to listen. Immutable. */
public sealed interface ListenAddress {

    /**
     * A TCP port.
     *
     * @param address a resolved address of this machine; port 0 takes a free one
     */
    record Tcp(InetSocketAddress address) implements ListenAddress {
        public Tcp {
            if (address.isUnresolved()) {
                throw new IllegalArgumentException(address + " is not resolved");
            }
        }
    }

    /**
     * A Unix domain socket. A file that is left of a process that died is replaced; one that somebody listens on is not.
     *
     * @param path absolute; its folder is created if it is missing
     * @param permissions of the file; it has them before anybody can connect
     * @param group the file's group; empty for that of the process
     */
    record Unix(Path path, Set<PosixFilePermission> permissions, Optional<String> group) implements ListenAddress {
        public Unix {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(path + " is not absolute");
            }
            permissions = Set.copyOf(permissions);
            Objects.requireNonNull(group, "group");
        }
    }
}
