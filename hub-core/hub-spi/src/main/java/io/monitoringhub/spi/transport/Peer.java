package io.monitoringhub.spi.transport;

import java.util.Objects;
import java.util.Optional;

/**
 * The other end of a connection.
 *
 * <p>Immutable.
 *
 * @param address for people and logs: {@code 127.0.0.1:51234}, or the path of a spool file
 * @param user who it is where the platform says so: the user name of the process at the other end of a Unix socket
 */
public record Peer(String address, Optional<String> user) {
    public Peer {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(user, "user");
    }

    /** One of whom the platform says nothing more. */
    public Peer(String address) {
        this(address, Optional.empty());
    }

    @Override
    public String toString() {
        return user.map(name -> address + " (" + name + ")").orElse(address);
    }
}
