package io.monitoringhub.plugin.stream;

import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** One kind of sockets: how they are served, and who is at the other end. Thread-safe. */
public interface SocketKind {

    /**
     * Looks who has connected. Called on one of the server's own threads.
     *
     * @throws RefusedException when he may not
     * @throws IOException when he has gone already
     */
    Visitor visitor(SocketChannel accepted) throws RefusedException, IOException;

    /**
     * The channel for a connection: with half closure, reading not yet begun.
     *
     * @throws IOException when he has gone already
     */
    DuplexChannel channel(SocketChannel accepted) throws IOException;
}
