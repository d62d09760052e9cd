package io.monitoringhub.plugin.stream;

import io.monitoringhub.spi.transport.Peer;
import java.util.Objects;

/**
 * Who has connected. Immutable.
 *
 * @param peer who it is
 * @param origin what all connections of one peer have in common: its address without the port, or its user
 */
public record Visitor(Peer peer, String origin) {
    public Visitor {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(origin, "origin");
    }
}
