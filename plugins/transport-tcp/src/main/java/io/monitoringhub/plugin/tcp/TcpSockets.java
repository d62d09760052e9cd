package io.monitoringhub.plugin.tcp;

import io.monitoringhub.plugin.stream.SocketKind;
import io.monitoringhub.plugin.stream.Visitor;
import io.monitoringhub.spi.transport.Peer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** Sockets of TCP. Immutable. */
final class TcpSockets implements SocketKind {

    @Override
    public Visitor visitor(SocketChannel accepted) throws IOException {
        InetSocketAddress remote = (InetSocketAddress) accepted.getRemoteAddress();
        if (remote == null) {
            throw new IOException("not connected");
        }
        return new Visitor(new Peer(Addresses.text(remote)), remote.getAddress().getHostAddress());
    }

    @Override
    public DuplexChannel channel(SocketChannel accepted) {
        NioSocketChannel channel = new NioSocketChannel(accepted);
        channel.config().setTcpNoDelay(true).setKeepAlive(true).setAllowHalfClosure(true);
        return channel;
    }
}
