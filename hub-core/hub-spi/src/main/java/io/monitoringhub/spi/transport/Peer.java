package io.monitoringhub.spi.transport;

import java.util.Objects;

/**
 * The other end of a connection.
 *
 * <p>Immutable.
 *
 * @param address for people and logs: {@code 127.0.0.1:51234}, or the path of a spool file
 */
public record Peer(String address) {
    public Peer {
        Objects.requireNonNull(address, "address");
    }

    @Override
    public String toString() {
        return address;
    }
}
